/** What of an alert outlives the process: enough to go on as if it had never stopped. JSON-safe. */
import type { Value, ValueObject } from '../model/value.ts';
import type { KeyState } from './key-state.ts';
import type { SideState } from './side-alert.ts';
import type { SourceGap } from './source-gap.ts';
import type { AlertCondition, AlertTransition } from './transition.ts';

export interface SavedAlert {
  readonly rule: string;
  readonly condition: AlertCondition;
  readonly key: string;
  /** Null: it is ok, and nothing has to be known of it. */
  readonly state: SavedState | null;
}

export type SavedState =
  | {
      readonly kind: 'key';
      readonly key: ValueObject;
      readonly state: KeyState;
      readonly group: readonly Value[] | null;
      readonly row: ValueObject | null;
      readonly transition: AlertTransition | null;
    }
  | { readonly kind: 'side'; readonly state: SideState; readonly gap: SourceGap | null }
  /** Of the whole rule: episodes that nothing else remembers opened no later than this. */
  | { readonly kind: 'named'; readonly throughMs: number };

/** Key under which a rule's `named` is saved; no alert has it. */
export const NAMED_KEY = '';
