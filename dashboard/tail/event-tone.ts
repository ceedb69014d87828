/** How bad an event says it is, by the fields that people name such things. */
import type { ValueObject } from '../../src/model/value.ts';

export type EventTone = 'bad' | 'warn' | 'calm';

const LEVEL_FIELDS = ['level', 'severity', 'lvl', 'loglevel'] as const;
const STATUS_FIELDS = ['status', 'status_code', 'http_status'] as const;

const BAD = /^(?:error|err|fatal|critical|crit|alert|emerg|panic|severe)/i;
const WARN = /^warn/i;

/** Numeric levels are pino's: 40 warns, 50 is an error. */
const LEVEL_WARN = 40;
const LEVEL_BAD = 50;

export function toneOf(event: ValueObject): EventTone {
  for (const name of LEVEL_FIELDS) {
    const level = event[name];
    if (typeof level === 'string') {
      if (BAD.test(level)) return 'bad';
      if (WARN.test(level)) return 'warn';
    } else if (typeof level === 'number') {
      if (level >= LEVEL_BAD) return 'bad';
      if (level >= LEVEL_WARN) return 'warn';
    }
  }
  for (const name of STATUS_FIELDS) {
    const status = Number(event[name]);
    if (status >= 500 && status < 600) return 'bad';
    if (status >= 400 && status < 500) return 'warn';
  }
  return 'calm';
}
