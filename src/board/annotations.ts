/**
 * Annotations: what happened from outside, such as a deployment, to be seen on charts beside what
 * it did. All of them in memory, each change in the database first; they are kept for
 * `annotationKeptMs` of event time and their number is bounded.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { Sql, SqlRow } from '../store/sql.ts';

export interface Annotation {
  readonly id: string;
  readonly timeMs: number;
  /** Null: it was a moment. */
  readonly endMs: number | null;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly author: string;
}

export interface AnnotationQuery {
  /** Those that overlap with it, ms UTC. */
  readonly fromMs: number;
  readonly toMs: number;
  /** They have all of these. */
  readonly tags: readonly string[];
  readonly limit: number;
}

export interface AnnotationsParts {
  readonly sql: Sql;
  readonly config: Config;
  readonly newId: () => string;
}

const TITLE_MAX = 200;
const TEXT_MAX = 4_000;
const TAGS_MAX = 20;
const TAG_LENGTH_MAX = 100;

export class Annotations {
  readonly #config: Config;
  readonly #newId: () => string;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #sql: Sql;
  /** By time, oldest first. */
  #all: Annotation[];

  constructor({ sql, config, newId }: AnnotationsParts) {
    this.#config = config;
    this.#newId = newId;
    this.#sql = sql;
    this.#statements = prepare(sql);
    this.#all = this.#statements.all.all().map(annotationFrom);
  }

  get size(): number {
    return this.#all.length;
  }

  /** Newest first. */
  list({ fromMs, toMs, tags, limit }: AnnotationQuery): readonly Annotation[] {
    const found: Annotation[] = [];
    for (let i = this.#all.length - 1; i >= 0 && found.length < limit; i--) {
      const annotation = this.#all[i] as Annotation;
      const { timeMs, endMs } = annotation;
      if (timeMs > toMs || (endMs ?? timeMs) < fromMs) continue;
      if (tags.every((tag) => annotation.tags.includes(tag))) found.push(annotation);
    }
    return found;
  }

  /** @throws EngineError `ENGINE_BAD_REQUEST`, `LIMIT_ANNOTATIONS`, `ENGINE_STORE_…` */
  add(
    body: Readonly<Record<string, unknown>>,
    { author, nowMs }: { readonly author: string; readonly nowMs: number },
  ): Annotation {
    const annotation = { ...annotationOf(body, nowMs), id: this.#newId(), author };
    this.#forgetOld(nowMs);
    const { annotationsMax } = this.#config;
    if (this.#all.length >= annotationsMax) {
      throw new EngineError('LIMIT_ANNOTATIONS', `there are ${annotationsMax}`);
    }
    const { id, timeMs, endMs, title, text, tags } = annotation;
    this.#statements.insert.run(id, timeMs, endMs, title, text, JSON.stringify(tags), author);
    const at = this.#all.findLastIndex((other) => other.timeMs <= timeMs);
    this.#all.splice(at + 1, 0, annotation);
    return annotation;
  }

  /** False: there is none of that id. */
  remove(id: string): boolean {
    const known = this.#all.length;
    this.#statements.remove.run(id);
    this.#all = this.#all.filter((annotation) => annotation.id !== id);
    return this.#all.length < known;
  }

  #forgetOld(nowMs: number): void {
    const beforeMs = nowMs - this.#config.annotationKeptMs;
    const first = this.#all[0];
    if (first === undefined || first.timeMs >= beforeMs) return;
    this.#sql.transaction(() => this.#statements.forget.run(beforeMs));
    this.#all = this.#all.filter(({ timeMs }) => timeMs >= beforeMs);
  }
}

function prepare(sql: Sql) {
  return {
    all: sql.prepare('SELECT * FROM annotations ORDER BY time_ms, id'),
    insert: sql.prepare(
      'INSERT INTO annotations (id, time_ms, end_ms, title, text, tags, author) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    remove: sql.prepare('DELETE FROM annotations WHERE id = ?'),
    forget: sql.prepare('DELETE FROM annotations WHERE time_ms < ?'),
  };
}

function annotationFrom(row: SqlRow): Annotation {
  return {
    id: String(row['id']),
    timeMs: Number(row['time_ms']),
    endMs: row['end_ms'] === null ? null : Number(row['end_ms']),
    title: String(row['title']),
    text: String(row['text']),
    tags: JSON.parse(String(row['tags'])) as string[],
    author: String(row['author']),
  };
}

function annotationOf(
  body: Readonly<Record<string, unknown>>,
  nowMs: number,
): Omit<Annotation, 'id' | 'author'> {
  const timeMs = timeOf(body['time'], 'time') ?? Math.floor(nowMs);
  const endMs = timeOf(body['endTime'], 'endTime');
  if (endMs !== null && endMs < timeMs) throw bad('endTime', '`endTime` is not before `time`.');
  const title = textOf(body['title'], 'title', TITLE_MAX);
  if (title === '') throw bad('title', '`title` is missing: what happened?');
  const text = textOf(body['text'], 'text', TEXT_MAX);
  return { timeMs, endMs, title, text, tags: tagsOf(body['tags']) };
}

/** Milliseconds or ISO 8601; null: not given. */
function timeOf(value: unknown, name: string): number | null {
  if (value === undefined || value === null) return null;
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof ms === 'number' && Number.isInteger(ms) && ms >= 0 && ms <= TIME_MS_MAX) return ms;
  throw bad(name, `\`${name}\` is no time: milliseconds or ISO 8601.`);
}

/** What a Date can hold. */
const TIME_MS_MAX = 8.64e15;

function textOf(value: unknown, name: string, lengthMax: number): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && value.length <= lengthMax && !value.includes('\0')) {
    return value.trim();
  }
  throw bad(name, `\`${name}\` is a text of at most ${lengthMax} characters.`);
}

function tagsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const isTag = (tag: unknown): boolean =>
    typeof tag === 'string' && tag !== '' && tag.length <= TAG_LENGTH_MAX && !tag.includes('\0');
  if (Array.isArray(value) && value.length <= TAGS_MAX && value.every(isTag)) {
    return [...new Set(value as string[])];
  }
  throw bad('tags', `\`tags\` is a list of at most ${TAGS_MAX} texts, such as "service:web".`);
}

function bad(parameter: string, detail: string): EngineError {
  return new EngineError('ENGINE_BAD_REQUEST', detail, { data: { parameter } });
}
