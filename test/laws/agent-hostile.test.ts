/**
 * An engine that says anything: whatever comes in whatever order, and whatever is published, an
 * agent throws nothing, gives every publisher an answer, keeps its ledger closed, asks to be woken
 * at a time that is one, and ends when it is closed.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StreamState } from '../../agents/stream-state.ts';
import { queryOf, sourceOf, FakeEngine } from '../support/fake-engine.ts';
import { aggregateSpec, field } from '../support/hand-plans.ts';
import { expectClosed, streamOf } from '../support/live-agent.ts';

const OUTCOME = /^(?:accepted|skipped|filtered|sampled|dropped:\w+)$/;

/** Messages as they should be, to be spoilt. */
const GOOD: readonly object[] = [
  {
    ...{ type: 'welcome', version: 2, agentKey: 1, nowMs: 1_000_000, evaluatedSequence: 0 },
    heartbeatMs: 1_000,
  },
  { type: 'plans', epoch: 1, queries: [queryOf('plays', sourceOf(['n']))] },
  {
    type: 'plans',
    epoch: 2,
    queries: [
      queryOf('plays', sourceOf(['a.b', 'c']), {
        query: 'q2',
        paneMs: 1_000,
        aggregation: {
          stage: {
            keys: [field('c')],
            aggregates: [aggregateSpec('count', null)],
            groupsMax: 10,
          },
          emitEveryMs: 1,
        },
      }),
    ],
  },
  {
    type: 'planChanges',
    epoch: 3,
    base: 1,
    added: [],
    removed: [{ query: 'q1', stream: 'plays' }],
  },
  { type: 'ack', sequence: 3 },
  { type: 'pulse', engineSentMs: 1, heartbeatSentMs: 2, heartbeatReceivedMs: 3 },
  { type: 'moveTo', url: 'ws://elsewhere' },
  { type: 'refuse', code: 'ENGINE_BUSY', detail: '', retryAfterMs: 1e9 },
  { type: 'refuse', code: 'WIRE_BAD_FRAME', detail: '', retryAfterMs: null },
  { type: 'bye', reason: 'so long' },
];

const anything = fc.anything({ maxDepth: 3, withBigInt: false });

/** One member, at any depth, is something else. */
function spoilt(message: unknown, path: readonly number[], value: unknown): unknown {
  if (typeof message !== 'object' || message === null || path.length === 0) return value;
  const keys = Object.keys(message);
  if (keys.length === 0) return value;
  const [at = 0, ...rest] = path;
  const key = keys[at % keys.length]!;
  const copy = (Array.isArray(message) ? [...message] : { ...message }) as Record<string, unknown>;
  copy[key] = spoilt(copy[key], rest, value);
  return copy;
}

const good = fc.constantFrom(...GOOD);
const messages = fc.oneof(
  { weight: 4, arbitrary: good.map((message) => JSON.stringify(message)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(good, fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }), anything)
      .map(([message, path, value]) => JSON.stringify(spoilt(message, path, value)) ?? 'undefined'),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ maxLength: 50 }) },
);

const events = fc.oneof(
  fc.record({ n: fc.integer(), c: fc.string(), a: fc.record({ b: anything }) }),
  anything.map((value) => value as object),
  fc.constant({
    get n(): number {
      throw new Error('a getter of the service');
    },
  }),
  fc.constant(() => {
    throw new Error('a function of the service');
  }),
);

type Step =
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'publish'; readonly event: object }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'open' | 'lose' };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), text: messages }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), event: events }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(8_000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('open' as const, 'lose' as const) }) },
  ),
  { maxLength: 60 },
);

function take(engine: FakeEngine, stream: StreamState, step: Step): void {
  switch (step.do) {
    case 'say':
      engine.input({ type: 'text', text: step.text });
      break;
    case 'publish':
      expect(stream.publish(step.event)).toMatch(OUTCOME);
      break;
    case 'advance':
      engine.advance(step.ms);
      break;
    case 'open':
      engine.input({ type: 'opened' });
      break;
    case 'lose':
      engine.input({ type: 'closed', reason: 'reset' });
      break;
  }
}

describe('whatever an engine says', () => {
  test('an agent throws nothing, counts everything, and ends', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const engine = new FakeEngine({ agentFlushEvents: 3, agentQueueEvents: 12 });
        const stream = streamOf(engine, 'plays');
        engine.welcome();
        for (const step of all) {
          take(engine, stream, step);
          expect(Number.isNaN(engine.session.wakeAtMs)).toBe(false);
        }
        expectClosed(stream);
        // It is not woken all the time, either.
        let woken = 0;
        for (let ms = 0; ms < 2_000; ms += 1) {
          if (engine.session.wakeAtMs <= engine.clock.now()) woken++;
          engine.advance(1);
        }
        expect(woken).toBeLessThan(1_000);
        engine.input({ type: 'close', reason: 'done' });
        engine.advance(2_000);
        expect(engine.session.closed).toBe(true);
        expect(stream.publish({ n: 1 })).toBe('skipped');
      }),
      { numRuns: Number(process.env['RUNS'] ?? 200) },
    );
  });

  test('an engine that wants to be left alone for a year is tried again today', () => {
    const engine = new FakeEngine();
    engine.welcome();
    const retryAfterMs = 365 * 24 * 3_600_000;
    engine.say({ type: 'refuse', code: 'ENGINE_BUSY', detail: '', retryAfterMs });
    engine.advance(6 * 60_000);
    expect(engine.connects).toHaveLength(2);
  });
});
