/**
 * Counters and gauges as slots of a Float64Array over shared memory. Each thread writes a block of
 * its own, so an addition is one load, one add and one store, without Atomics; the coordinator owns
 * all blocks and sums them when somebody asks, so a thread that dies takes no count with it.
 *
 * Slots are resolved by name once, outside the hot path, and are equal in every thread because
 * they follow from the catalogue alone. A reader may see a value one addition old, never a torn
 * one: aligned 64-bit accesses are single machine accesses on every platform Node runs on.
 */
import { assert } from '../core/assert.ts';
import { SIGNALS } from './signals.ts';
import type { LabelSets, LabelsOf, SignalName, SignalNameOf } from './signals.ts';

/** One series: a signal with a value for each of its labels. */
export interface Series {
  readonly name: SignalNameOf<'counter' | 'gauge'>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Index = slot. */
export const SERIES: readonly Series[] = seriesOfCatalogue();

const SLOTS: ReadonlyMap<string, number> = new Map(
  SERIES.map(({ name, labels }, slot) => [keyOf(name, labels), slot]),
);

export const BLOCK_BYTES: number = SERIES.length * Float64Array.BYTES_PER_ELEMENT;

/**
 * Slot of a series, the same in every block.
 * @throws Defect if a label is not in its closed set.
 */
export function slotOf<N extends SignalNameOf<'counter' | 'gauge'>>(
  name: N,
  ...labels: keyof LabelsOf<N> extends never ? [] : [LabelsOf<N>]
): number {
  const key = keyOf(name, (labels[0] ?? {}) as Readonly<Record<string, string>>);
  const slot = SLOTS.get(key);
  assert(slot !== undefined, () => `no such series: ${key}`);
  return slot;
}

/** One thread's counters. Only that thread may `add` and `set`. */
export class CounterBlock {
  /** Hand it to a thread, which makes its own CounterBlock of it. */
  readonly buffer: SharedArrayBuffer;
  readonly #slots: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BLOCK_BYTES)) {
    assert(buffer.byteLength === BLOCK_BYTES, () => `a block has ${BLOCK_BYTES} bytes`);
    this.buffer = buffer;
    this.#slots = new Float64Array(buffer);
  }

  add(slot: number, amount = 1): void {
    this.#slots[slot] = (this.#slots[slot] as number) + amount;
  }

  /** For gauges, and for counters whose total is kept elsewhere. */
  set(slot: number, value: number): void {
    this.#slots[slot] = value;
  }

  read(slot: number): number {
    return this.#slots[slot] as number;
  }
}

/** The series' value over all threads. */
export function totalOf(blocks: Iterable<CounterBlock>, slot: number): number {
  let total = 0;
  for (const block of blocks) total += block.read(slot);
  return total;
}

function seriesOfCatalogue(): Series[] {
  const series: Series[] = [];
  for (const name of Object.keys(SIGNALS) as SignalName[]) {
    if (!isCounted(name)) continue;
    for (const labels of combinations(SIGNALS[name].labels)) series.push({ name, labels });
  }
  return series;
}

function isCounted(name: SignalName): name is SignalNameOf<'counter' | 'gauge'> {
  return SIGNALS[name].kind !== 'histogram';
}

/** Every way to give each label one of its values, in the order of the catalogue. */
function combinations(sets: LabelSets): Record<string, string>[] {
  let found: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(sets)) {
    found = found.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value })));
  }
  return found;
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${pairs.map(([label, value]) => `${label}=${value}`).join(',')}}`;
}
