/** Durations on the command line: `10s`, `500ms`, `5m`, `1h`, `2d`; a bare number is seconds. */
const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds; null if the text is no duration above 0. */
export function durationMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (match === null) return null;
  const value = Number(match[1]) * (UNITS_MS[match[2] ?? 's'] ?? 1_000);
  return value > 0 ? value : null;
}
