import { expect, test } from 'vitest';
import { windowsOf } from '../support/told-windows.ts';
import { World } from '../support/world.ts';

test('a stream that is offered after the question is answered from then on', () => {
  const world = new World();
  const agent = world.agent('web-1');
  world.stream(agent, 'requests');
  world.start(agent);
  world.run(300);
  const received = world.subscribe('s', 'select count(*) as n from plays window 500ms');
  world.run(1_000);
  const plays = world.stream(agent, 'plays');
  world.run(300);
  world.run(1_500, () => void plays.publish({ region: 'eu' }));
  const last = windowsOf(received).at(-1)!;
  expect(Number(last.rows[0]!['n'])).toBeGreaterThan(50);
  expect(last.completeness.status).toBe('complete');
});

test('a restarted engine calls nothing complete until its agents had time to come back', () => {
  const world = new World({ config: { startupMs: 2_000 } });
  const agent = world.agent('web-1');
  world.stream(agent, 'plays');
  world.start(agent);
  const received = world.subscribe('s', 'select count(*) as n from plays window 500ms');
  world.run(4_000);
  const windows = windowsOf(received);
  expect(windows[0]!.completeness.reasons).toContain('starting');
  expect(windows.at(-1)!.completeness.status).toBe('complete');
});

test('zero traffic, silent sources and streams nobody offers are three different answers', () => {
  const world = new World({ config: { leaseMs: 500, heartbeatMs: 100 } });
  const agent = world.agent('web-1');
  world.stream(agent, 'plays');
  world.start(agent);
  world.run(200);
  const plays = world.subscribe('a', 'select count(*) as n from plays window 500ms');
  const nobody = world.subscribe('b', 'select count(*) as n from nowhere window 500ms');
  world.run(2_000);
  const quiet = windowsOf(plays).at(-1)!;
  expect(quiet.rows[0]!['n']).toBe(0);
  expect(quiet.completeness).toMatchObject({
    status: 'complete',
    traffic: 'zero',
    source: 'live',
    engine: 'current',
  });
  expect(windowsOf(nobody).at(-1)!.completeness.source).toBe('none');
  world.kill(agent);
  world.run(3_000);
  const silent = windowsOf(plays).at(-1)!;
  expect(silent.rows[0]!['n']).toBe(0);
  expect(silent.completeness).toMatchObject({ status: 'degraded', source: 'silent' });
  expect(silent.completeness.agents.missing).toEqual(['web-1']);
});

test('a silent source is told of between windows, too', () => {
  const world = new World({ config: { leaseMs: 500, heartbeatMs: 100, progressMs: 200 } });
  const agent = world.agent('web-1');
  world.stream(agent, 'plays');
  world.start(agent);
  world.run(200);
  const received = world.subscribe('a', 'select count(*) as n from plays window 1m');
  world.run(1_000);
  world.kill(agent);
  world.run(2_000);
  const told = received.filter(({ message }) => message.type === 'completeness').at(-1);
  expect(told?.message).toMatchObject({ completeness: { source: 'silent' } });
});

test('sliding windows come every slide and late events within LATENESS revise them', () => {
  const world = new World();
  const agent = world.agent('web-1');
  const plays = world.stream(agent, 'plays', { kind: 'field', field: 't', slackMs: 50 });
  world.start(agent);
  world.run(300);
  const received = world.subscribe('s', 'select count(*) as n from plays window 1s lateness 3s');
  world.run(700);
  const lateTime = world.nowMs - 100;
  world.run(1_500, (nowMs) => void plays.publish({ t: nowMs }));
  plays.publish({ t: lateTime });
  world.run(6_000);
  const start = Math.floor(lateTime / 1_000) * 1_000;
  const answers = windowsOf(received).filter((window) => window.windowStart === start);
  expect(answers.map((answer) => answer.revision)).toEqual([0, 1]);
  const [before, after] = answers.map((answer) => Number(answer.rows[0]!['n']));
  expect(after).toBe(before! + 1);
});

test('a stream beyond `streamsMax` is answered and missed like any other', () => {
  const world = new World({ config: { streamsMax: 1, leaseMs: 500, heartbeatMs: 100 } });
  const agent = world.agent('web-1');
  for (const name of ['requests', 'plays']) world.stream(agent, name);
  world.start(agent);
  world.run(300);
  const received = world.subscribe('s', 'select count(*) as n from plays window 500ms');
  world.run(2_000, () => void world.stream(agent, 'plays').publish({ v: 1 }));
  const flowing = windowsOf(received).at(-1)!;
  expect(flowing.rows).toMatchObject([{ n: 100 }]);
  expect(flowing.completeness).toMatchObject({ status: 'complete', source: 'live' });
  expect(flowing.completeness.agents.expected).toBe(1);
  world.kill(agent);
  world.run(2_000);
  const silent = windowsOf(received).at(-1)!;
  expect(silent.completeness).toMatchObject({ status: 'degraded', source: 'silent' });
});

test('a window that begins before the shards have the plan is not called complete', () => {
  const world = new World();
  world.ingest('posted', [{ n: 1 }]);
  world.run(995);
  // The window that begins at 1,000 is asked for at 995; the plan leaves with the tick at 1,005.
  const at = Math.floor(world.nowMs / 1_000) * 1_000 + 1_000;
  world.clock.set(at - 1);
  const received = world.subscribe('s', 'select count(*) as n from posted window 1s');
  world.clock.set(at + 1);
  world.ingest('posted', [{ n: 2 }]);
  world.run(3_000);
  const first = windowsOf(received).find((window) => window.windowStart === at)!;
  expect(first.rows[0]!['n']).toBe(0);
  expect(first.completeness.status).toBe('partial');
});
