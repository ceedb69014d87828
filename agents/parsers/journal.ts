/**
 * An entry of the systemd journal, as `journalctl --output=json` prints it, into an event: what is
 * asked for most under short names, the fields of the program itself in lower case.
 *
 * @see https://systemd.io/JOURNAL_EXPORT_FORMATS/ "Journal JSON Format"
 */
import type { Event, Value } from '../../src/model/value.ts';
import type { LineParser } from './contract.ts';

const LEVELS: readonly string[] = [
  ...['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'],
];
const TIME_STEP_MS = 0.001;

/** What systemd knows of the sender, by the name it gets here. */
const TRUSTED: readonly (readonly [name: string, field: string])[] = [
  ['unit', '_SYSTEMD_UNIT'],
  ['identifier', 'SYSLOG_IDENTIFIER'],
  ['host', '_HOSTNAME'],
  ['command', '_COMM'],
  ['transport', '_TRANSPORT'],
];
const NUMBERS: readonly (readonly [name: string, field: string])[] = [
  ['pid', '_PID'],
  ['uid', '_UID'],
];
/** Of the program's fields, those that stand above under another name. */
const TAKEN = new Set(['MESSAGE', 'PRIORITY', 'SYSLOG_IDENTIFIER', 'SYSLOG_PID', 'SYSLOG_RAW']);

export const journalParser: LineParser = {
  name: 'journal',
  timeField: 'time',
  timeStepMs: TIME_STEP_MS,
  parse: parseEntry,
};

/** Where an entry stands, for `--after-cursor`; null: the line tells none. */
export function cursorOf(line: string): string | null {
  const fields = fieldsOf(line);
  const cursor = fields?.['__CURSOR'];
  return typeof cursor === 'string' ? cursor : null;
}

function parseEntry(line: string): Event | null {
  const fields = fieldsOf(line);
  if (fields === null) return null;
  const micros = Number(fields['__REALTIME_TIMESTAMP']);
  if (!(micros > 0)) return null;
  const event: Record<string, Value> = { time: micros / 1_000, message: textOf(fields['MESSAGE']) };
  const level = LEVELS[Number(fields['PRIORITY'] ?? NaN)];
  if (level !== undefined) event['level'] = level;
  for (const [name, field] of TRUSTED) if (field in fields) event[name] = textOf(fields[field]);
  for (const [name, field] of NUMBERS) {
    if (field in fields) event[name] = Number(textOf(fields[field]));
  }
  for (const field of Object.keys(fields)) {
    if (field.startsWith('_') || TAKEN.has(field)) continue;
    const name = field.toLowerCase();
    if (!Object.hasOwn(event, name)) event[name] = textOf(fields[field]);
  }
  return event;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : null;
  } catch {
    return null;
  }
}

/** Bytes that are no text come as numbers, a field with several values as a list of them. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  const isBytes = value.every((item) => typeof item === 'number');
  return isBytes ? Buffer.from(value).toString('utf8') : value.map(textOf).join('\n');
}
