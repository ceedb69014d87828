/**
 * Reads `.mqltest` scripts. Every line that is not understood is an error with its number: a golden
 * script must never pass because nobody read it.
 */
import { hasErrors } from '../../grammar/diagnostic.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import type { Event } from '../../src/model/value.ts';

export interface ScriptRow {
  /** Start of the row's window, counted from time 0; null: the query has no window. */
  readonly startMs: number | null;
  readonly row: Event;
}

export interface ScriptQuery {
  readonly line: number;
  readonly text: string;
  /** Only over finite input, not live. */
  readonly finite: boolean;
  /** Of its windows; null: none. */
  readonly widthMs: number | null;
  readonly rows: readonly ScriptRow[];
  /** `CODE at L:C`. */
  readonly errors: readonly string[];
}

export interface ScriptEvent {
  readonly atMs: number;
  readonly stream: string;
  readonly event: Event;
}

/** Events and the queries asked about them, up to the next `clear`. */
export interface Scene {
  readonly streams: readonly string[];
  /** In order of time. */
  readonly events: readonly ScriptEvent[];
  /** When the scene ends. */
  readonly endMs: number;
  readonly queries: readonly ScriptQuery[];
}

const DURATION = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
/** The simulated clock moves by this much. */
const STEP_MS = 5;

interface OpenQuery {
  readonly line: number;
  readonly finite: boolean;
  readonly text: string[];
  readonly rows: ScriptRow[];
  readonly errors: string[];
  expected: boolean;
}

interface OpenScene {
  readonly streams: string[];
  readonly events: ScriptEvent[];
  readonly queries: OpenQuery[];
  clockMs: number;
}

export function readScript(source: string): readonly Scene[] {
  const reader = new ScriptReader();
  for (const [index, line] of source.split('\n').entries()) {
    try {
      reader.line(line.trimEnd(), index + 1);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${line}\n${String(error)}`, { cause: error });
    }
  }
  return reader.scenes.map(sceneOf);
}

class ScriptReader {
  readonly scenes: OpenScene[] = [newScene()];
  #block: 'none' | 'query' | 'expect' = 'none';

  line(line: string, number: number): void {
    if (line === '' || line.startsWith('#')) return;
    if (/^\s/.test(line)) this.#indented(line.trim());
    else this.#command(line, number);
  }

  get #scene(): OpenScene {
    return this.scenes.at(-1)!;
  }

  #indented(text: string): void {
    const query = this.#scene.queries.at(-1);
    if (query === undefined || this.#block === 'none') throw new Error('an indented line of what?');
    if (this.#block === 'query') query.text.push(text);
    else if (text !== 'nothing') query.rows.push(readRow(text));
  }

  #command(line: string, number: number): void {
    const [word = '', ...others] = line.split(/\s+/);
    const rest = line.slice(word.length).trim();
    this.#block = 'none';
    switch (word) {
      case 'clear':
        this.scenes.push(newScene());
        break;
      case 'stream':
        this.#scene.streams.push(rest);
        break;
      case 'at':
        this.#at(others[0] ?? '', rest.slice((others[0] ?? '').length));
        break;
      case 'advance':
        this.#scene.clockMs = Math.max(this.#scene.clockMs, readDuration(rest));
        break;
      case 'query': {
        const finite = /^finite\b/.test(rest);
        const text = finite ? rest.slice('finite'.length).trim() : rest;
        const lines = text === '' ? [] : [text];
        const expectation = { rows: [], errors: [], expected: false };
        this.#scene.queries.push({ line: number, finite, text: lines, ...expectation });
        this.#block = 'query';
        break;
      }
      case 'expect':
        this.#expect(rest);
        break;
      default:
        throw new Error(`${word} is no command`);
    }
  }

  #at(time: string, json: string): void {
    const stream = this.#scene.streams.at(-1);
    if (stream === undefined) throw new Error('an event needs a stream before it');
    const atMs = readDuration(time);
    if (atMs % STEP_MS !== 0) throw new Error(`times are multiples of ${STEP_MS}ms`);
    this.#scene.events.push({ atMs, stream, event: JSON.parse(json) as Event });
    this.#scene.clockMs = Math.max(this.#scene.clockMs, atMs + STEP_MS);
  }

  #expect(rest: string): void {
    const query = this.#scene.queries.at(-1);
    if (query === undefined) throw new Error('an expectation of what?');
    query.expected = true;
    if (rest === '') {
      this.#block = 'expect';
      return;
    }
    const error = /^error (MQL_[A-Z_]+ at [0-9]+:[0-9]+)$/.exec(rest);
    if (error?.[1] === undefined) throw new Error('write `expect error CODE at L:C`');
    query.errors.push(error[1]);
  }
}

function newScene(): OpenScene {
  return { streams: [], events: [], queries: [], clockMs: 0 };
}

function sceneOf({ streams, events, queries, clockMs }: OpenScene): Scene {
  return {
    streams: [...new Set(streams)],
    events: events.toSorted((a, b) => a.atMs - b.atMs),
    endMs: clockMs,
    queries: queries.map(queryOf),
  };
}

function queryOf({ line, finite, text: lines, rows, errors, expected }: OpenQuery): ScriptQuery {
  if (!expected) throw new Error(`the query in line ${line} expects nothing`);
  const text = lines.join('\n');
  return { line, text, finite, widthMs: widthOf(text), rows, errors };
}

function widthOf(text: string): number | null {
  const { plan, diagnostics } = planQuery(text, { mode: 'finite' });
  if (plan === null || hasErrors(diagnostics)) return null;
  return plan.window.kind === 'time' ? plan.window.sizeMs : null;
}

/** `{…}`, or `10s {…}` for the window that starts at 10 s. */
function readRow(text: string): ScriptRow {
  const split = text.indexOf('{');
  if (split < 0) throw new Error('a row is a JSON object');
  const start = text.slice(0, split).trim();
  return {
    startMs: start === '' ? null : readDuration(start),
    row: JSON.parse(text.slice(split)) as Event,
  };
}

function readDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const [, digits, unit] = DURATION.exec(sign < 0 ? text.slice(1) : text) ?? [];
  const factor = UNITS[unit ?? ''];
  if (digits === undefined || factor === undefined) throw new Error(`${text} is no duration`);
  return sign * Math.round(Number(digits) * factor);
}
