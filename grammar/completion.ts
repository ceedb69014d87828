/** One proposal for what may be written at a cursor. */
import type { Span } from './span.ts';

export interface Completion {
  readonly label: string;
  readonly kind: 'keyword' | 'stream' | 'field' | 'function' | 'alias' | 'parameter' | 'value';
  /** What replaces `span`. */
  readonly insert: string;
  readonly detail: string;
  /** The word being typed; empty at the cursor if there is none. */
  readonly span: Span;
}
