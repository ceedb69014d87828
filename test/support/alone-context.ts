/** What a stage needs of its shard, where there is no shard: it hears and tells of nobody. */
import type { Config } from '../../src/config.ts';
import { PeerLinks } from '../../src/shard/peer-links.ts';
import { ShardTables } from '../../src/shard/shard-tables.ts';
import type { StageContext } from '../../src/shard/stage-context.ts';
import { createInterner } from '../../src/wire/interner.ts';

export function aloneContext(config: Config): StageContext {
  const nothing = (): void => undefined;
  const epoch = (): number => 1;
  const { exchangeBytesMax, internBytesMax } = config;
  const interner = createInterner(internBytesMax);
  const peers = new PeerLinks({ exchangeBytesMax, emit: nothing, epoch, take: nothing });
  const tables = new ShardTables(interner);
  return { shard: 0, config, interner, tables, peers, epoch, tell: nothing, acknowledge: nothing };
}
