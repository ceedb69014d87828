/**
 * The source stage of one pipeline, stream by stream: of a join each stream has its own, and its
 * own fields that go on from there; so has each of several sources of which one is named.
 */
import type { QueryPlan } from '../ir/plan.ts';
import { sourceStageFor } from '../ir/source-stage.ts';
import { pathText } from '../ir/path-text.ts';
import { fieldsIn, hasStreams } from '../ir/stream-path.ts';
import { isWeighed, sampleMark } from '../ir/sample.ts';
import type { BatchField } from '../model/batch.ts';
import { SourceRows } from './source-rows.ts';

export interface StreamRows {
  readonly rows: SourceRows;
  /** What goes on of rows that pass, named; null: whole events do. */
  readonly fields: readonly BatchField[] | null;
  /** Where the view has them. */
  readonly numbers: readonly number[];
}

export class StreamSourceRows {
  readonly #plan: QueryPlan;
  readonly #query: string;
  readonly #reads: boolean;
  readonly #byStream = new Map<string, StreamRows>();
  #only: StreamRows | null = null;

  /** `query`: what senders call it; `reads`: whether the fields of rows that pass are read. */
  constructor(plan: QueryPlan, query: string, reads: boolean) {
    this.#plan = plan;
    this.#query = query;
    this.#reads = reads;
  }

  of(stream: string): StreamRows {
    const { join, source } = this.#plan;
    if (join === null && !hasStreams(source.fields)) return (this.#only ??= this.#make(stream));
    let known = this.#byStream.get(stream);
    if (known === undefined) this.#byStream.set(stream, (known = this.#make(stream)));
    return known;
  }

  #make(stream: string): StreamRows {
    const { join, home } = this.#plan;
    const source = sourceStageFor(this.#plan, stream);
    const read = join === null ? fieldsIn(stream, home?.fields ?? []) : source.fields;
    const paths = !this.#reads || source.allFields ? [] : read;
    const rows = new SourceRows(source, this.#query, paths);
    if (source.allFields) return { rows, fields: null, numbers: [] };
    const fields = read.map((path) => ({ text: pathText(path), key: false }));
    const { mark, numbers } = rows;
    if (mark === null || !isWeighed(source.sample)) return { rows, fields, numbers };
    const weights = { text: sampleMark(this.#query), key: false };
    return { rows, fields: [...fields, weights], numbers: [...numbers, mark] };
  }
}
