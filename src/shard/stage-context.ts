/** What the stages of a shard share with it. */
import type { Config } from '../config.ts';
import type { SweepableInterner } from '../wire/interner.ts';
import type { ShardOutput } from './messages.ts';
import type { PeerLinks } from './peer-links.ts';
import type { ShardTables } from './shard-tables.ts';

export interface StageContext {
  readonly shard: number;
  readonly config: Config;
  readonly interner: SweepableInterner;
  readonly tables: ShardTables;
  readonly peers: PeerLinks;
  /** Of the plan set that runs now. */
  readonly epoch: () => number;
  readonly tell: (message: ShardOutput) => void;
  /** What agents sent and was evaluated is acknowledged now, so that it does not come again. */
  readonly acknowledge: () => void;
}
