/**
 * The slots of a result row while a query is analyzed: group keys, aggregates, and expressions over
 * the event (projected by a plain select, first values of a group beside aggregates); behind them
 * the results of functions over series. Equal ones share a slot.
 */
import { AGGREGATES } from '../aggregate/catalogue.ts';
import type { Expression, SlotExpression } from '../ir/expression.ts';
import type { AggregateSpec, ColumnType, SeriesSpec, SeriesStage } from '../ir/plan.ts';
import { seriesDefinition } from '../series/catalogue.ts';
import { SERIES_SLOTS_FROM } from './checked-query.ts';
import type { RowSource } from './checked-query.ts';
import { inferType } from './infer-type.ts';
import type { LeafTypes } from './infer-type.ts';

export class Slots {
  readonly #keys: readonly Expression[];
  readonly #aggregates: AggregateSpec[] = [];
  readonly #project: Expression[] = [];
  readonly #series: SeriesSpec[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #types: LeafTypes;
  readonly aggregating: boolean;

  /** @param keys Group keys of an aggregate query; null for a plain select. */
  constructor(keys: readonly Expression[] | null, types: LeafTypes) {
    this.#keys = keys ?? [];
    this.#types = types;
    this.aggregating = keys !== null;
  }

  key(index: number): SlotExpression {
    return { op: 'slot', index };
  }

  aggregate(spec: AggregateSpec): SlotExpression {
    return this.#slot(JSON.stringify(spec), () => {
      this.#aggregates.push(spec);
      return this.#keys.length + this.#aggregates.length - 1;
    });
  }

  /** An expression over the event: its value, or the group's first event's. */
  event(expression: Expression): SlotExpression {
    if (this.aggregating) {
      return this.aggregate({
        name: 'first_event',
        arg: expression,
        distinct: false,
        filter: null,
        parameters: [],
      });
    }
    return this.#slot(JSON.stringify(expression), () => this.#project.push(expression) - 1);
  }

  /** A function over the series of a row's values; its argument is over slots. */
  series(spec: SeriesSpec): SlotExpression {
    return this.#slot(JSON.stringify(spec), () => SERIES_SLOTS_FROM + this.#series.push(spec) - 1);
  }

  /** Functions over series in the order of their slots; null: there is none. */
  seriesStage(keys: readonly Expression[]): SeriesStage | null {
    if (this.#series.length === 0) return null;
    const groupBy = keys.map((key, index) =>
      this.aggregating ? this.key(index) : this.event(key),
    );
    return { groupBy, functions: this.#series };
  }

  /** The function whose result is in a slot; null: the slot holds something else. */
  seriesIn(index: number): SeriesSpec | null {
    return this.#series[index - SERIES_SLOTS_FROM] ?? null;
  }

  type(index: number): ColumnType {
    const series = this.#series[index - SERIES_SLOTS_FROM];
    if (series !== undefined) return seriesDefinition(series).result;
    const event = this.aggregating ? this.#keys[index] : this.#project[index];
    if (event !== undefined) return inferType(event, this.#types);
    const spec = this.#aggregates[index - this.#keys.length];
    if (spec === undefined) return 'any';
    const { result = 'any' } = AGGREGATES.get(spec.name) ?? {};
    if (result !== 'any' || spec.arg === null) return result;
    return inferType(spec.arg, this.#types);
  }

  rowSource(): RowSource {
    if (!this.aggregating) return { kind: 'project', project: this.#project };
    return { kind: 'aggregate', keys: this.#keys, aggregates: this.#aggregates };
  }

  #slot(id: string, create: () => number): SlotExpression {
    const known = this.#indexes.get(id);
    if (known !== undefined) return { op: 'slot', index: known };
    const index = create();
    this.#indexes.set(id, index);
    return { op: 'slot', index };
  }
}
