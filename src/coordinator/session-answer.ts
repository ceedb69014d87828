/** Ended sessions as result rows; HAVING, ORDER BY and LIMIT act within each session. */
import { createStageNotes, noteValue } from '../aggregate/stage-notes.ts';
import type { StageNotes } from '../aggregate/stage-notes.ts';
import { aggregateFrom } from '../aggregate/catalogue.ts';
import type { GroupedAggregate } from '../aggregate/contract.ts';
import type { QueryPlan } from '../ir/plan.ts';
import type { Value, ValueObject } from '../model/value.ts';
import { compileFinal } from '../operator/final.ts';
import type { Finish } from '../operator/final.ts';
import type { SessionsPartial } from '../window/home-partial.ts';
import { byEventOrder } from './window-assembler.ts';

export class SessionAnswer {
  readonly #plan: QueryPlan;
  readonly #finish: Finish;
  #notes: StageNotes = createStageNotes();

  constructor(plan: QueryPlan) {
    this.#plan = plan;
    this.#finish = compileFinal(plan.final);
  }

  /** What is to be said of the values of the last {@link rows}. */
  get notes(): StageNotes {
    return this.#notes;
  }

  /** In order of the sessions. */
  rows(sessions: SessionsPartial): readonly ValueObject[] {
    this.#notes = createStageNotes();
    const aggregates = this.#aggregates(sessions);
    return Array.from(sessions.startsMs, (startMs, i) => {
      const endMs = sessions.endsMs[i]!;
      const slots = this.#slotRows(sessions, i, aggregates);
      const span = { window_start: Math.floor(startMs), window_end: Math.floor(endMs) };
      return this.#finish(slots).map((row) => ({ ...span, ...row }));
    }).flat();
  }

  #aggregates({ aggregates, keys }: SessionsPartial): readonly GroupedAggregate[] {
    const stage = this.#plan.aggregate;
    if (stage === null || keys.length === 0) return [];
    const groups = Uint32Array.from({ length: keys.length + 1 }, (_none, group) => group);
    return stage.aggregates.map((spec, a) => {
      const states = aggregateFrom(spec);
      states.grow(groups.length);
      states.merge(aggregates[a]!, groups);
      return states;
    });
  }

  #slotRows(
    { endsMs, keys, rows, startsMs }: SessionsPartial,
    i: number,
    aggregates: readonly GroupedAggregate[],
  ): readonly (readonly Value[])[] {
    if (this.#plan.aggregate === null) {
      return rows[i]!.toSorted(byEventOrder).map(({ slots }) => slots);
    }
    const lengthMs = endsMs[i]! - startsMs[i]!;
    const context = { windowMs: lengthMs, coveredMs: lengthMs };
    const values = aggregates.map((states, a) => {
      noteValue(this.#notes, a, states, i + 1);
      return states.result(i + 1, context);
    });
    return [[...keys[i]!, ...values]];
  }
}
