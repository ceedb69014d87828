/** What goes into an agent's session and what comes out of it. */
import type { Config } from '../src/config.ts';
import type { Clock } from '../src/core/clock.ts';
import type { Rng } from '../src/core/rng.ts';
import type { AgentIdentity } from '../src/wire/agent-messages.ts';
import type { MaskRule } from './mask.ts';
import type { WhenFull } from './overflow.ts';
import type { SpoolNews, SpoolPort } from './spool-contract.ts';
import type { AgentStatus } from './status.ts';

export interface SessionOptions {
  /** Several: engines to go to, the first that answers. */
  readonly url: string | readonly string[];
  readonly token: string | null;
  readonly identity: AgentIdentity;
  readonly limits: Config;
  readonly clock: Clock;
  /** By which events are timed that are timed when they are published. Default: the same. */
  readonly stampClock?: Clock;
  readonly rng: Rng;
  /** Rules of the service's owner. Default: none. */
  readonly mask?: readonly MaskRule[];
  /** Default: `drop-oldest`. */
  readonly whenFull?: WhenFull;
  /** Default: none; what the queue cannot hold gives way. */
  readonly spool?: SpoolPort | null;
  /** A publisher made work; call `handle({ type: 'tick' })`. */
  readonly onWork: () => void;
}

export type SessionInput =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'closed'; readonly reason: string }
  | { readonly type: 'tick' }
  | { readonly type: 'spool'; readonly news: SpoolNews }
  /** Flush, say bye, disconnect; `closed` becomes true. */
  | { readonly type: 'close'; readonly reason: string }
  /** Hang up without a word, as a killed process does; `closed` becomes true. */
  | { readonly type: 'abandon' };

export type SessionEffect =
  | { readonly type: 'connect'; readonly url: string }
  | { readonly type: 'text'; readonly text: string }
  /** `mayPack`: the engine takes packed frames. */
  | { readonly type: 'frame'; readonly bytes: Uint8Array; readonly mayPack: boolean }
  | { readonly type: 'disconnect'; readonly reason: string; readonly abrupt: boolean }
  | { readonly type: 'status'; readonly status: AgentStatus };
