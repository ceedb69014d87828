/** What is to be said of the values of a stage's aggregates, over all groups of one result. */
import type { GroupedAggregate } from './contract.ts';

/** Numbers of aggregates. */
export interface StageNotes {
  /** Of some group a sketch answered. */
  readonly estimated: Set<number>;
  /** Of some group not all values were kept. */
  readonly cut: Set<number>;
}

export function createStageNotes(): StageNotes {
  return { estimated: new Set(), cut: new Set() };
}

const NO_NOTES: StageNotes = createStageNotes();

/** Where no aggregate has anything to say all results share the same. */
export function notesFor(aggregates: readonly GroupedAggregate[]): StageNotes {
  for (const aggregate of aggregates) if (aggregate.noteOf !== undefined) return createStageNotes();
  return NO_NOTES;
}

/** Adds what is to be said of one group's value of aggregate number `index`. */
export function noteValue(
  notes: StageNotes,
  index: number,
  aggregate: GroupedAggregate,
  group: number,
): void {
  const note = aggregate.noteOf?.(group) ?? null;
  if (note !== null) notes[note].add(index);
}
