/**
 * The log of one process: pino writing JSON lines, or readable text where a human watches. Shards
 * do not log; they tell the coordinator. Secrets are hidden and lines of one code are limited
 * before pino sees them. The clock is an argument, as everywhere.
 */
import { pino } from 'pino';
import type { DestinationStream, Logger as Pino } from 'pino';
import type { Clock } from '../core/clock.ts';
import { LogLimiter } from './log-limiter.ts';
import type { LogLimits } from './log-limiter.ts';
import type { LogLevel } from './log-levels.ts';
import { renderLogLine } from './log-line.ts';
import { hideSecrets, hideSecretsInText } from './secrets.ts';

/**
 * `code` is one of core/errors.ts and limits how often the line appears; `error` keeps its stack.
 */
export interface LogFields {
  readonly code?: string;
  readonly error?: unknown;
  readonly [name: string]: unknown;
}

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each line. */
  with(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Name of the process: `engine`, `supervisor`, `agent`. */
  readonly process: string;
  /** `auto`: text if the sink is a terminal, else JSON. */
  readonly format?: 'auto' | 'text' | 'json';
  readonly clock: Clock;
  readonly limits: LogLimits;
  /** Where lines go; standard error if not given, so that standard output stays for data. */
  readonly sink?: LogSink;
}

/** A writable stream, as far as a log needs one. */
export interface LogSink {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** For tests and library use where nobody reads logs. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLogger,
};

export function createLogger(options: LoggerOptions): Logger {
  const { clock, level, limits } = options;
  const sink = options.sink ?? process.stderr;
  const inner = pino(
    {
      level,
      base: { process: options.process },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination(sink, options.format ?? 'auto'),
  );
  return new LimitedLogger(inner, clock, new LogLimiter(limits), {});
}

type WrittenLevel = Exclude<LogLevel, 'silent'>;

class LimitedLogger implements Logger {
  readonly #inner: Pino;
  readonly #clock: Clock;
  readonly #limiter: LogLimiter;
  readonly #fields: LogFields;

  constructor(inner: Pino, clock: Clock, limiter: LogLimiter, fields: LogFields) {
    this.#inner = inner;
    this.#clock = clock;
    this.#limiter = limiter;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  with(fields: LogFields): Logger {
    const merged = { ...this.#fields, ...fields };
    return new LimitedLogger(this.#inner, this.#clock, this.#limiter, merged);
  }

  #write(level: WrittenLevel, message: string, fields: LogFields = {}): void {
    if (!this.#inner.isLevelEnabled(level)) return;
    const merged = { ...this.#fields, ...fields };
    let suppressed = 0;
    if (merged.code !== undefined) {
      const verdict = this.#limiter.admit(merged.code, this.#clock.now());
      if (!verdict.allowed) return;
      suppressed = verdict.suppressed;
    }
    const shown = hideSecrets(merged) as Record<string, unknown>;
    this.#inner[level](
      suppressed > 0 ? { ...shown, suppressed } : shown,
      hideSecretsInText(message),
    );
  }
}

function destination(sink: LogSink, format: 'auto' | 'text' | 'json'): DestinationStream {
  const terminal = sink.isTTY === true;
  const text = format === 'text' || (format === 'auto' && terminal);
  // https://no-color.org
  const colors = terminal && (process.env['NO_COLOR'] ?? '') === '';
  if (!text) return { write: (line) => void sink.write(line) };
  return { write: (line) => void sink.write(`${renderLogLine(line.trimEnd(), { colors })}\n`) };
}
