/** `21/Nov/2026:07:30:00 +0000`, the time of the common log format, as ms since 1970. */
const PATTERN = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

export function parseClfTime(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const at = (group: number): number => Number(match[group]);
  const month = MONTHS.indexOf(match[2] as string);
  if (month < 0 || month % 3 !== 0) return null;
  const localMs = Date.UTC(at(3), month / 3, at(1), at(4), at(5), at(6));
  const zoneMs = (at(8) * 60 + at(9)) * 60_000;
  return match[7] === '-' ? localMs + zoneMs : localMs - zoneMs;
}
