/** An agent in a process that must not make code of text. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../../dist/', import.meta.url);

/** Counts ten events by closures or generated code, and says which it was. */
const PROGRAM = `
  import { AgentSession } from '${ROOT.href}agents/session.js';
  import { configWith } from '${ROOT.href}src/config.js';
  import { VirtualClock } from '${ROOT.href}src/core/clock.js';
  import { createRng } from '${ROOT.href}src/core/rng.js';
  const clock = new VirtualClock(1_000);
  const told = [];
  const session = new AgentSession({
    url: 'ws://127.0.0.1/', token: null, clock, rng: createRng(1), onWork: () => {},
    limits: configWith({ agentCodeAfter: 0 }),
    identity: { id: 'a', incarnation: 1, service: 's', host: 'h', library: 'l', tags: {} },
  });
  const stream = session.stream('plays', { kind: 'publish', field: null, slackMs: 0 });
  const hear = (message) => {
    for (const effect of session.handle({ type: 'text', text: JSON.stringify(message) })) {
      if (effect.type === 'status' && effect.status.kind === 'plans') told.push(effect.status);
    }
  };
  session.handle({ type: 'start' });
  session.handle({ type: 'opened' });
  hear({
    ...{ type: 'welcome', version: 2, agentKey: 1, nowMs: 1_000 },
    ...{ evaluatedSequence: 0, heartbeatMs: 1_000 },
  });
  const field = { op: 'field', path: [{ by: 'name', name: 'k' }] };
  const where = { op: 'call', name: 'eq', args: [field, { op: 'literal', value: 'x' }] };
  const source = { sample: null, where, fields: [], allFields: false };
  const query = { query: 'q', stream: 'plays', source, paneMs: 0, aggregation: null };
  hear({ type: 'plans', epoch: 1, queries: [query] });
  const outcomes = ['x', 'y'].map((k) => stream.publish({ k }));
  console.log(JSON.stringify([told[0].evaluation, told[0].active, ...outcomes]));
`;

function answerOf(...flags: readonly string[]): unknown {
  const args = [...flags, '--input-type=module', '--eval', PROGRAM];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

describe('queries of an agent', () => {
  test('run by closures where code must not be made of text, and the status says so', () => {
    const flag = '--disallow-code-generation-from-strings';
    expect(answerOf(flag)).toStrictEqual(['closures', 1, 'accepted', 'filtered']);
  });

  test('run as generated code elsewhere', () => {
    expect(answerOf()).toStrictEqual(['generated', 1, 'accepted', 'filtered']);
  });
});
