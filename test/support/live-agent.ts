/** An agent's session that is connected and has one query, and looks at what it did. */
import { expect } from 'vitest';
import type { StreamState } from '../../agents/stream-state.ts';
import type { Config } from '../../src/config.ts';
import type { TimePolicy } from '../../src/wire/agent-messages.ts';
import { FakeEngine, queryOf, sourceOf } from './fake-engine.ts';

export const PUBLISH: TimePolicy = { kind: 'publish', field: null, slackMs: 50 };

export interface Setup {
  readonly engine: FakeEngine;
  readonly plays: StreamState;
}

/** A live agent with one query for `n` on `plays`. */
export function live(limits: Partial<Config> = {}, paneMs = 0): Setup {
  const engine = new FakeEngine(limits);
  const plays = streamOf(engine, 'plays');
  engine.welcome();
  engine.plans(1, [queryOf('plays', sourceOf(['n']), { paneMs })]);
  return { engine, plays };
}

export function streamOf(engine: FakeEngine, name: string, time = PUBLISH): StreamState {
  const stream = engine.session.stream(name, time);
  if (stream === null) throw new Error('too many streams');
  return stream;
}

export function numbers(engine: FakeEngine): readonly unknown[] {
  return engine.frames.flatMap((frame) => frame.rows.map((row) => row['n']));
}

/** offered = filtered + sampledOut + aggregated + sent + dropped + queued. */
export function expectClosed(stream: StreamState): void {
  const { offered, filtered, sampledOut, aggregated, sent, dropped } = stream.counts();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect(filtered + sampledOut + aggregated + sent + lost + stream.queued()).toBe(offered);
}
