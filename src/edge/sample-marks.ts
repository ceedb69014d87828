/**
 * The samples of all queries of one stream. What is sent is a union over queries, so each decision
 * travels with the event, as a column of its own that the query's next stage asks for: true and
 * false, or what the event stands for and null.
 */
import { isWeighed, sampleMark } from '../ir/sample.ts';
import type { SampleSpec } from '../ir/plan.ts';
import type { Event } from '../model/value.ts';
import type { FieldReader } from '../wire/cell-batch.ts';
import { compileSampler } from './sampler.ts';
import type { Sampler } from './sampler.ts';

export interface SampledQuery {
  /** Names the query, as the engine calls it. */
  readonly query: string;
  readonly sample: SampleSpec;
}

export class SampleMarks {
  /** Read the decisions on the event that was decided last. */
  readonly readers: readonly FieldReader[];
  readonly #samplers: readonly Sampler[];
  /** What the event that was decided last stands for, per query; 0: left out. */
  readonly #weights: Float64Array;

  constructor(queries: readonly SampledQuery[], agentId: string) {
    this.#samplers = queries.map(({ sample }) => compileSampler(sample, agentId));
    this.#weights = new Float64Array(queries.length);
    const readers = queries.map(({ query, sample }, index): FieldReader => {
      const field = { text: sampleMark(query), key: false };
      if (!isWeighed(sample)) return { field, read: () => this.taken(index) };
      return { field, read: () => (this.taken(index) ? this.#weights[index]! : null) };
    });
    // Sorted, so that plans in another order do not make the sender define its schema anew.
    this.readers = readers.toSorted((a, b) => (a.field.text < b.field.text ? -1 : 1));
  }

  /** Whether any of the queries takes the event; see {@link Sampler} for `sequence`. */
  decide(event: Event, sequence: number, timeMs: number): boolean {
    let any = false;
    for (let i = 0; i < this.#samplers.length; i++) {
      const weight = (this.#samplers[i] as Sampler)(event, sequence, timeMs);
      this.#weights[i] = weight;
      any ||= weight > 0;
    }
    return any;
  }

  /** Whether query `index` takes the event that was decided last. */
  taken(index: number): boolean {
    return this.#weights[index]! > 0;
  }
}
