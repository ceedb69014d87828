/**
 * Whether agents could ship what a new query reads. A frame carries the union of the fields that
 * all queries of its stream read, and a frame beyond the wire's bounds is refused whole: one query
 * too wide would take the answers of all others with it. Therefore it is refused at the door.
 * Globs that may meet on some stream count as meeting.
 *
 * Queries are counted by what they read from and by field, so that asking costs what is distinct
 * and not how many run.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import { pathText } from '../ir/path-text.ts';
import type { QueryPlan, SourcePattern } from '../ir/plan.ts';
import { globMatches } from '../ir/glob.ts';
import { shippedStage } from '../ir/source-stage.ts';
import { utf8Bytes } from '../wire/utf8.ts';
import { sourceKey } from './source-group.ts';

type Bounds = Pick<Config, 'fieldsMax' | 'fieldNameBytesMax'>;

/** What the running queries of one FROM read. */
interface Shipment {
  readonly sources: readonly SourcePattern[];
  /** Queries that read the field, by the text of its path. */
  readonly readers: Map<string, number>;
  samples: number;
  queries: number;
}

export class ShippedFields {
  readonly #bounds: Bounds;
  readonly #shipments = new Map<string, Shipment>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  add(plan: QueryPlan): void {
    const { sources } = plan;
    const source = shippedStage(plan);
    const key = sourceKey(sources);
    let shipment = this.#shipments.get(key);
    if (shipment === undefined) {
      shipment = { sources, readers: new Map(), samples: 0, queries: 0 };
      this.#shipments.set(key, shipment);
    }
    const { readers } = shipment;
    for (const path of source.fields) {
      const text = pathText(path);
      readers.set(text, (readers.get(text) ?? 0) + 1);
    }
    if (source.sample !== null) shipment.samples++;
    shipment.queries++;
  }

  /** The plan must have been added. */
  remove(plan: QueryPlan): void {
    const source = shippedStage(plan);
    const key = sourceKey(plan.sources);
    const shipment = this.#shipments.get(key);
    if (shipment === undefined) return;
    for (const path of source.fields) {
      const text = pathText(path);
      const readers = (shipment.readers.get(text) ?? 0) - 1;
      if (readers > 0) shipment.readers.set(text, readers);
      else shipment.readers.delete(text);
    }
    if (source.sample !== null) shipment.samples--;
    if (--shipment.queries === 0) this.#shipments.delete(key);
  }

  /** Null: the query may run beside those that do. */
  fault(plan: QueryPlan): EngineError | null {
    const { fieldsMax, fieldNameBytesMax } = this.#bounds;
    const source = shippedStage(plan);
    const fields = source.fields.map(pathText);
    if (fields.some((text) => utf8Bytes(text) > fieldNameBytesMax)) {
      const detail = `a field of the query has a name of more than ${fieldNameBytesMax} bytes`;
      return new EngineError('ENGINE_BAD_REQUEST', detail);
    }
    // A sample travels as a column of its own.
    const samples = source.sample === null ? 0 : 1;
    const own = fields.length + samples;
    if (own > fieldsMax) {
      const detail = `the query reads ${own} fields of each event, at most ${fieldsMax} (fieldsMax)`;
      return new EngineError('ENGINE_BAD_REQUEST', detail);
    }
    const columns = this.#columnsWith(plan, new Set(fields), samples);
    if (columns <= fieldsMax) return null;
    const together = `with this one the queries of these streams would read ${columns} fields`;
    const detail = `${together} of each event, at most ${fieldsMax} (fieldsMax)`;
    return new EngineError('LIMIT_QUERIES', detail);
  }

  #columnsWith(plan: QueryPlan, fields: Set<string>, samples: number): number {
    let marks = samples;
    for (const shipment of this.#shipments.values()) {
      if (!mayMeet(plan.sources, shipment.sources)) continue;
      for (const text of shipment.readers.keys()) fields.add(text);
      marks += shipment.samples;
    }
    return fields.size + marks;
  }
}

function mayMeet(left: readonly SourcePattern[], right: readonly SourcePattern[]): boolean {
  return left.some((one) => right.some((other) => patternsMeet(one, other)));
}

function patternsMeet(one: SourcePattern, other: SourcePattern): boolean {
  if (one.glob && other.glob) return true;
  return one.glob ? globMatches(one, other.pattern) : globMatches(other, one.pattern);
}
