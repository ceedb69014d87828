/**
 * Renders one JSON log line for a human at a terminal: time of day, level, message, then the other
 * members as `name=value`. Lines that are not ours pass unchanged.
 */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const LEVELS: ReadonlyMap<unknown, { readonly label: string; readonly style: Style }> = new Map([
  ['trace', { label: 'TRACE', style: 'gray' }],
  ['debug', { label: 'DEBUG', style: 'gray' }],
  ['info', { label: 'INFO', style: 'green' }],
  ['warn', { label: 'WARN', style: 'yellow' }],
  ['error', { label: 'ERROR', style: 'red' }],
  ['fatal', { label: 'FATAL', style: ['red', 'bold'] }],
] as const);

/** Shown elsewhere in the line, or of no use to somebody who looks at this one terminal. */
const UNSHOWN = new Set(['time', 'level', 'msg', 'pid', 'hostname', 'process']);

/** `json` is one line without its line feed; so is the result, but for the stack of an error. */
export function renderLogLine(json: string, options: { readonly colors: boolean }): string {
  const entry = parse(json);
  const level = LEVELS.get(entry?.['level']);
  if (entry === null || level === undefined) return json;
  const paint = (style: Style, text: string): string =>
    options.colors ? styleText(style, text, { validateStream: false }) : text;
  const time = String(entry['time']).slice(11, 23);
  const members = Object.entries(entry)
    .filter(([name]) => !UNSHOWN.has(name))
    .map(([name, value]) => `${paint('cyan', name)}=${valueText(value)}`);
  const label = paint(level.style, level.label.padEnd(5));
  const head = [paint('gray', time), label, String(entry['msg'] ?? ''), ...members].join(' ');
  const stack = stackOf(entry['error']);
  return stack === null ? head : `${head}\n${paint('gray', stack)}`;
}

function parse(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Not JSON, so not a line of ours: the caller shows it as it is.
    return null;
  }
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (stackOf(value) !== null) return JSON.stringify((value as { message?: unknown }).message);
  return JSON.stringify(value);
}

function stackOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('stack' in value)) return null;
  return typeof value.stack === 'string' ? value.stack : null;
}
