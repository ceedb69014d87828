/**
 * Who ran, stopped, saved, removed, silenced or acknowledged what: entries wait here for a moment
 * and are then handed on together. It never holds up who is audited; what exceeds the bound is
 * counted in the trail itself.
 *
 * Texts of queries are part of it, values of parameters and tokens never are.
 */
import { DEFAULTS } from '../config.ts';
import type { Clock } from '../core/clock.ts';

export interface AuditEntry {
  readonly action:
    | 'run'
    | 'stop'
    | 'save'
    | 'remove'
    | 'silence'
    | 'expire-silence'
    | 'acknowledge'
    | 'unacknowledge'
    | 'test-receiver'
    | 'lost';
  /** The name of the token, or `local`. */
  readonly by: string;
  /** The running query's id, the saved query's name, the silence, incident or receiver. */
  readonly target: string | null;
  /** The query, shortened; matchers and comment of a silence. */
  readonly text?: string;
  readonly version?: number;
  /** Names only. */
  readonly params?: readonly string[];
  readonly count?: number;
}

export interface AuditRecord extends AuditEntry {
  /** Engine clock, ms since 1970. */
  readonly time: number;
}

const TEXT_LENGTH_MAX = 2_000;

export class AuditTrail {
  readonly #clock: Clock;
  #waiting: AuditRecord[] = [];
  #lost = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(entry: AuditEntry): void {
    if (this.#waiting.length >= DEFAULTS.auditEntriesMax) {
      this.#lost++;
      return;
    }
    const text = entry.text?.slice(0, TEXT_LENGTH_MAX);
    const time = Math.floor(this.#clock.now());
    this.#waiting.push({ time, ...entry, ...(text !== undefined && { text }) });
  }

  /** Everything since the last call, oldest first. */
  take(): readonly AuditRecord[] {
    const taken = this.#waiting;
    if (taken.length === 0) return taken;
    this.#waiting = [];
    if (this.#lost > 0) {
      const time = Math.floor(this.#clock.now());
      taken.push({ time, action: 'lost', by: 'engine', target: null, count: this.#lost });
      this.#lost = 0;
    }
    return taken;
  }
}
