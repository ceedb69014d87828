/**
 * What a Prometheus target says at `/metrics`, as samples: the text format 0.0.4 and OpenMetrics
 * 1.0, exemplars and quoted names included. Never throws; a line that cannot be read is reported
 * and takes no other with it.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
import { setOwn } from './own-property.ts';

export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null for NaN and the infinities, which JSON cannot say. */
  readonly value: number | null;
  /** As TYPE says of the family; null: nothing is said. */
  readonly type: string | null;
  readonly unit: string | null;
  /** Only ever goes up until its process ends: counters, and the counts and sums of histograms. */
  readonly isCounter: boolean;
  /** Milliseconds since 1970, if the target says so. */
  readonly timeMs: number | null;
  readonly exemplar: PrometheusExemplar | null;
}

export interface PrometheusExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  readonly timeMs: number | null;
}

export interface PrometheusText {
  readonly samples: readonly PrometheusSample[];
  readonly errors: readonly { readonly line: number; readonly message: string }[];
  /** Samples beyond the bound, which were not read. */
  readonly left: number;
}

export interface TextLimits {
  readonly samplesMax: number;
  /** Times are seconds there and milliseconds elsewhere. */
  readonly isOpenMetrics: boolean;
}

type Ending = readonly [text: string, isCounter: boolean];

/** Endings that samples of a family have, by its type. */
const ENDINGS: Readonly<Record<string, readonly Ending[]>> = {
  counter: [
    ['_total', true],
    ['_created', false],
    ['', true],
  ],
  histogram: [
    ['_bucket', true],
    ['_count', true],
    ['_sum', true],
    ['_created', false],
  ],
  gaugehistogram: [
    ['_bucket', false],
    ['_gcount', false],
    ['_gsum', false],
  ],
  summary: [
    ['_count', true],
    ['_sum', true],
    ['_created', false],
    ['', false],
  ],
  info: [['_info', false]],
};

interface Family {
  type: string | null;
  unit: string | null;
}

/** A target may call a type what every object inherits, such as `constructor`. */
function endingsOf(family: Family | undefined): readonly Ending[] {
  const type = family?.type ?? '';
  return Object.hasOwn(ENDINGS, type) ? (ENDINGS[type] ?? []) : [];
}

export function readPrometheusText(text: string, limits: TextLimits): PrometheusText {
  const reader = new TextReader(limits);
  let line = 0;
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    line++;
    reader.line(text.slice(from, to).trim(), line);
    from = to + 1;
  }
  return reader;
}

class TextReader implements PrometheusText {
  readonly samples: PrometheusSample[] = [];
  readonly errors: { line: number; message: string }[] = [];
  left = 0;
  readonly #limits: TextLimits;
  readonly #families = new Map<string, Family>();

  constructor(limits: TextLimits) {
    this.#limits = limits;
  }

  line(text: string, line: number): void {
    if (text === '') return;
    if (text.startsWith('#')) {
      this.#comment(text);
      return;
    }
    if (this.samples.length >= this.#limits.samplesMax) {
      this.left++;
      return;
    }
    const cursor = new LineCursor(text);
    const sample = this.#sample(cursor);
    if (sample === null) this.errors.push({ line, message: cursor.fault ?? 'not a sample' });
    else this.samples.push(sample);
  }

  #comment(text: string): void {
    const match = /^#\s*(TYPE|UNIT)\s+("(?:[^"\\]|\\.)*"|\S+)\s+(\S+)/.exec(text);
    if (match === null) return;
    const [, what, quoted = '', said = ''] = match;
    const name = quoted.startsWith('"') ? unescaped(quoted.slice(1, -1)) : quoted;
    const family = this.#families.get(name) ?? { type: null, unit: null };
    if (what === 'TYPE') family.type = said === 'untyped' ? 'unknown' : said.toLowerCase();
    else family.unit = said;
    if (this.#families.size < this.#limits.samplesMax) this.#families.set(name, family);
  }

  #sample(cursor: LineCursor): PrometheusSample | null {
    let name = cursor.name();
    const labels: Record<string, string> = {};
    const quoted = cursor.labels(labels);
    name ??= quoted;
    if (name === null) cursor.fail('a sample begins with its name');
    const value = cursor.number();
    const timeMs = this.#time(cursor.optionalNumber());
    const exemplar = this.#exemplar(cursor);
    cursor.end();
    if (cursor.fault !== null || name === null) return null;
    return { name, labels, value: finite(value), ...this.#familyOf(name), timeMs, exemplar };
  }

  /** ` # {trace_id="abc"} 0.67 1520879607.789` */
  #exemplar(cursor: LineCursor): PrometheusExemplar | null {
    if (!cursor.hash()) return null;
    const labels: Record<string, string> = {};
    cursor.labels(labels);
    const value = finite(cursor.number());
    return { labels, value, timeMs: this.#time(cursor.optionalNumber()) };
  }

  #time(said: number | null): number | null {
    const time = finite(said);
    return time !== null && this.#limits.isOpenMetrics ? time * 1_000 : time;
  }

  #familyOf(name: string): Pick<PrometheusSample, 'type' | 'unit' | 'isCounter'> {
    const whole = this.#families.get(name);
    if (whole !== undefined) {
      const isCounter = endingsOf(whole).some(([end, is]) => end === '' && is);
      return { ...whole, isCounter };
    }
    for (let at = name.lastIndexOf('_'); at > 0; at = name.lastIndexOf('_', at - 1)) {
      const family = this.#families.get(name.slice(0, at));
      const ending = endingsOf(family).find(([end]) => end === name.slice(at));
      if (family !== undefined && ending !== undefined) return { ...family, isCounter: ending[1] };
      // All endings are the last part of a name.
      break;
    }
    return { type: null, unit: null, isCounter: false };
  }
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const NUMBER = /[^\s#]+/y;
const BLANK = /[ \t]*/y;

/** Reads one line from left to right; after a fault everything reads as nothing. */
class LineCursor {
  fault: string | null = null;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fail(fault: string): void {
    this.fault ??= fault;
    this.#at = this.#text.length;
  }

  name(): string | null {
    return this.#match(NAME)?.[0] ?? null;
  }

  /** Fills `labels`, and returns the quoted name that stands among them, if there is one. */
  labels(into: Record<string, string>): string | null {
    if (!this.#take('{')) return null;
    let name: string | null = null;
    while (!this.#take('}')) {
      const quoted = this.#match(QUOTED)?.[1];
      const label = quoted === undefined ? this.#match(LABEL)?.[0] : unescaped(quoted);
      if (label === undefined) {
        this.fail('labels are name="value", with a comma between');
        return null;
      }
      if (this.#take('=')) {
        const value = this.#match(QUOTED)?.[1];
        if (value === undefined) this.fail(`the value of ${label} is no text in quotes`);
        else setOwn(into, label, unescaped(value));
      } else if (quoted === undefined || name !== null) this.fail(`${label} has no value`);
      else name = label;
      if (!this.#take(',') && !this.#next('}')) this.fail('labels have a comma between');
    }
    return name;
  }

  number(): number | null {
    const number = this.optionalNumber();
    if (number === null) this.fail('the value is no number');
    return number;
  }

  /** Null at the end of the line, and where an exemplar begins. */
  optionalNumber(): number | null {
    const text = this.#match(NUMBER)?.[0];
    if (text === undefined) return null;
    const number = numberFrom(text);
    if (number === null) this.fail(`${text} is no number`);
    return number;
  }

  hash(): boolean {
    return this.#take('#');
  }

  end(): void {
    this.#match(BLANK);
    if (this.#at < this.#text.length) this.fail('there is more behind the sample');
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    BLANK.lastIndex = this.#at;
    this.#at += BLANK.exec(this.#text)?.[0].length ?? 0;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #next(character: string): boolean {
    this.#match(BLANK);
    return this.#text[this.#at] === character || this.fault !== null;
  }

  /** After a fault every loop that waits for a character ends. */
  #take(character: string): boolean {
    if (!this.#next(character)) return false;
    this.#at++;
    return true;
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(.)/g, (_, character: string) =>
    character === 'n' ? '\n' : character,
  );
}

/** `+Inf`, `-Inf` and `NaN` are numbers here; hexadecimal and the like are none. */
function numberFrom(text: string): number | null {
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
