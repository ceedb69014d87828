/**
 * What a rule does with windows. The numbered cases are the complaints about other systems that the
 * engine answers.
 */
import { describe, expect, test } from 'vitest';
import type { ValueObject } from '../../../src/model/value.ts';
import { AlertRig } from '../../support/alert-rig.ts';

const QUERY = 'select count(*) as n from plays window 1s group by region';

function rule(lines = '', query = QUERY): string {
  const indented = lines.replaceAll('\n', '\n    ');
  return `rules:\n  - name: few\n    query: ${query}\n    when: n < 10\n    ${indented}\n`;
}

function regions(counts: Record<string, number>): ValueObject[] {
  return Object.entries(counts).map(([region, n]) => ({ region, n }));
}

const FINE = regions({ eu: 100, us: 100 });
const EU_LOW = regions({ eu: 3, us: 100 });

describe('a rule', () => {
  test('fires with the first window that proves it, and resolves with the first that disproves', () => {
    const rig = new AlertRig(rule());
    expect(rig.windows(3, FINE)).toEqual([]);
    expect(rig.window(EU_LOW)).toEqual(['eu:firing']);
    expect(rig.windows(3, EU_LOW)).toEqual([]);
    expect(rig.firing()).toEqual(['eu']);
    expect(rig.window(FINE)).toEqual(['eu:ok']);
    expect(rig.firing()).toEqual([]);
  });

  test('waits for as long as `for` says, and begins anew if it is disproved before', () => {
    const rig = new AlertRig(rule('for: 3s'));
    expect(rig.window(EU_LOW)).toEqual(['eu:pending']);
    expect(rig.window(EU_LOW)).toEqual([]);
    expect(rig.window(FINE)).toEqual(['eu:ok']);
    expect(rig.windows(3, EU_LOW)).toEqual(['eu:pending']);
    expect(rig.window(EU_LOW)).toEqual(['eu:firing']);
  });

  test('with `m_of_n` single good windows in between do not reset it', () => {
    const rig = new AlertRig(rule('m_of_n: [3, 5]'));
    rig.windows(2, EU_LOW);
    expect(rig.window(FINE)).toEqual([]);
    expect(rig.window(EU_LOW)).toEqual(['eu:firing']);
  });

  test('keeps firing for as long as `keep_firing_for` says, in one episode', () => {
    const rig = new AlertRig(rule('keep_firing_for: 3s'));
    rig.window(EU_LOW);
    expect(rig.windows(3, FINE)).toEqual(['eu:recovering']);
    expect(rig.firing()).toEqual(['eu']);
    expect(rig.window(EU_LOW)).toEqual(['eu:firing']);
    expect(rig.windows(4, FINE)).toEqual(['eu:recovering', 'eu:ok']);
    expect(new Set(rig.transitions.map(({ episode }) => episode)).size).toBe(1);
  });

  test('with `clear_when` a value in between neither ends nor begins an alert', () => {
    const rig = new AlertRig(rule('clear_when: n > 20'));
    const between = regions({ eu: 15, us: 100 });
    expect(rig.window(between)).toEqual([]);
    rig.window(EU_LOW);
    expect(rig.windows(10, between)).toEqual([]);
    expect(rig.window(regions({ eu: 21, us: 100 }))).toEqual(['eu:ok']);
  });

  test('with `min_volume` a window of few events proves nothing', () => {
    const query = 'select count(*) as n, avg(x) as v from plays window 1s group by region';
    const text = rule('min_volume: { of: v, at_least: 50 }', query);
    const rig = new AlertRig(text);
    expect(rig.window([{ region: 'eu', n: 1, v: 49 }])).toEqual([]);
    expect(rig.window([{ region: 'eu', n: 1, v: 50 }])).toEqual(['eu:firing']);
    expect(rig.windows(9, [{ region: 'eu', n: 99, v: 49 }])).toEqual([]);
    expect(rig.window([{ region: 'eu', n: 99, v: 50 }])).toEqual(['eu:ok']);
  });

  test('alerts by the columns that `by` names: the worst row counts', () => {
    const query = 'select count(*) as n from plays window 1s group by region, device';
    const rig = new AlertRig(rule('by: [region]', query));
    const rows = [
      { region: 'eu', device: 'tv', n: 50 },
      { region: 'eu', device: 'web', n: 2 },
      { region: 'us', device: 'tv', n: 50 },
    ];
    expect(rig.window(rows)).toEqual(['eu:firing']);
    expect(rig.transitions[0]?.evidence.values).toMatchObject({ device: 'web', n: 2 });
    expect(rig.inputs.at(-1)).toMatchObject({ type: 'hold-groups', groups: [['eu', 'web']] });
  });

  test('carries what a page needs', () => {
    const text = rule('severity: critical\nlabels: { team: streaming }\nrunbook: https://x.test/r');
    const rig = new AlertRig(text);
    rig.windows(2, FINE);
    rig.window(regions({ eu: 3, us: 90 }));
    const [page] = rig.transitions;
    expect(page).toMatchObject({
      rule: 'few',
      key: '{"region":"eu"}',
      labels: { alertname: 'few', severity: 'critical', team: 'streaming', region: 'eu' },
      from: 'ok',
      to: 'firing',
      startsAtMs: rig.nowMs,
      endsAtMs: null,
      runbook: 'https://x.test/r',
      reason: 'n < 10 (n = 3)',
    });
    expect(page?.evidence).toMatchObject({
      values: { n: 3 },
      previous: { n: 100 },
      contributors: [{ key: { region: 'us' }, value: 90, previous: 100 }],
      queryLink: { toMs: rig.nowMs },
    });
    expect(page?.evidence.sparkline.map(({ value }) => value)).toEqual([100, 100, 3]);
  });

  test('resolves of Prometheus shape: a key that HAVING leaves out is proof of the contrary', () => {
    const having = 'select count(*) as n from plays window 1s group by region having n < 10';
    const rig = new AlertRig(
      `groups:\n  - name: g\n    rules:\n      - alert: few\n        expr: ${having}\n        for: 1s\n`,
    );
    expect(rig.window([{ region: 'eu', n: 3 }])).toEqual(['eu:pending']);
    expect(rig.window([{ region: 'eu', n: 3 }])).toEqual(['eu:firing']);
    expect(rig.window([])).toEqual(['eu:ok']);
  });

  test('watches no more keys than its bound, and counts the rest', () => {
    const rig = new AlertRig(rule());
    const many = Array.from({ length: 150 }, (_, i) => ({ region: `r${i}`, n: 1 }));
    expect(rig.window(many)).toHaveLength(100);
    expect(rig.engine.watch('few')?.keysRefused).toBe(50);
  });
});

describe('without evidence', () => {
  const none = { reporting: 0, quiet: ['eu', 'us'] };

  test('1: what fires goes on to fire, however long data is missing', () => {
    const rig = new AlertRig(rule('on_silent: ignore'));
    rig.window(EU_LOW);
    expect(rig.windows(1_000, regions({ eu: 0, us: 0 }), none)).toEqual([]);
    expect(rig.windows(100, [], { reasons: ['first-window'] })).toEqual([]);
    expect(rig.firing()).toEqual(['eu']);
  });

  test('1: a row that is gone, or has no value, is no recovery', () => {
    const query = 'select avg(x) as n from plays window 1s group by region';
    const rig = new AlertRig(rule('', query));
    rig.window(EU_LOW);
    expect(rig.windows(5, [{ region: 'eu', n: null }])).toEqual([]);
    expect(rig.windows(5, [])).toEqual([]);
    expect(rig.firing()).toEqual(['eu']);
  });

  test('2: silence is its own alert, and stays until data returns', () => {
    const rig = new AlertRig(rule());
    rig.windows(3, FINE);
    const moves = rig.windows(30, regions({ eu: 0, us: 0 }), none);
    expect(moves).toEqual(['silent:firing']);
    // The roster has given its agents up: nobody is expected any more, and nobody reports.
    const forgotten = { expected: 0, source: 'silent', quiet: ['eu', 'us'] } as const;
    expect(rig.windows(600, regions({ eu: 0, us: 0 }), forgotten)).toEqual([]);
    expect(rig.firing()).toEqual(['silent']);
    expect(rig.window(FINE)).toEqual(['silent:ok']);
  });

  test('a region whose agents died is silent and not down, while the others are watched', () => {
    const rig = new AlertRig(rule());
    rig.windows(3, FINE);
    const lost = regions({ eu: 0, us: 100 });
    expect(rig.windows(300, lost, { reporting: 2, quiet: ['eu'] })).toEqual(['silent:firing']);
    // Five minutes later nobody expects those agents, yet they have not come back.
    const after = { expected: 2, quiet: ['eu'] };
    expect(rig.windows(60, lost, after)).toEqual([]);
    expect(rig.window(regions({ eu: 0, us: 4 }), after)).toEqual(['us:firing']);
    expect(rig.window(FINE)).toEqual(['silent:ok', 'us:ok']);
  });

  test('partial windows neither count for `for` nor reset it', () => {
    const rig = new AlertRig(rule('for: 3s'));
    rig.windows(3, EU_LOW);
    expect(rig.windows(50, EU_LOW, { reasons: ['shard-restart'] })).toEqual([]);
    expect(rig.windows(50, FINE, { reporting: 1 })).toEqual(['silent:firing']);
    expect(rig.window(EU_LOW)).toEqual(['silent:ok', 'eu:firing']);
  });

  test('a loss within the bound is borne, one above it is not', () => {
    const rig = new AlertRig(rule('on_degraded: { below: 0.9 }'));
    expect(rig.window(EU_LOW, { seen: 80, late: 20 })).toEqual([]);
    expect(rig.window(EU_LOW, { seen: 95, late: 5 })).toEqual(['eu:firing']);
  });

  test('the gap of agents that said bye is none', () => {
    const rig = new AlertRig(rule());
    rig.windows(3, FINE);
    expect(rig.windows(20, EU_LOW, { expected: 1 })).toEqual(['eu:firing']);
  });
});

describe('the engine', () => {
  test('25: is told to be behind when windows come late, or not at all', () => {
    const rig = new AlertRig(rule());
    expect(rig.windows(40, FINE, { engine: 'behind' })).toEqual(['lag:firing']);
    expect(rig.window(FINE)).toEqual(['lag:ok']);
    expect(rig.wait(60_000)).toEqual(['lag:firing']);
    expect(rig.window(FINE)).toEqual(['lag:ok']);
    expect(rig.engine.watch('few')?.evaluatedThroughMs).toBe(rig.nowMs);
  });

  test.each([
    ['shed', 'it is shed: the engine cannot keep up'],
    ['quota', 'it is suspended: its query is over a budget'],
  ])('25: a rule that is not evaluated any more says so, reason %s', (reason, why) => {
    const rig = new AlertRig(rule());
    expect(rig.windows(29, FINE, { reasons: [reason] })).toEqual([]);
    expect(rig.windows(10, FINE, { reasons: [reason] })).toEqual(['lag:firing']);
    expect(rig.transitions.at(-1)?.reason).toBe(why);
    expect(rig.window(FINE)).toEqual(['lag:ok']);
  });

  test('8: says when a rule cannot run, tries again, and takes only a window for an answer', () => {
    const rig = new AlertRig(rule());
    rig.window(EU_LOW);
    const deaf = { type: 'deaf', listener: 'few', reason: 'LIMIT_QUERIES: too many' } as const;
    rig.engine.hear(deaf, rig.nowMs);
    const listens = (): number => rig.inputs.filter(({ type }) => type === 'listen').length;
    const before = listens();
    expect([...rig.tick(5_000), ...rig.tick(6_000)]).toEqual(['rule-error:firing']);
    expect(listens()).toBe(before + 1);
    expect(rig.firing()).toEqual(['eu', 'rule-error']);
    const plan = {} as never;
    rig.engine.hear({ type: 'listening', listener: 'few', plan }, rig.nowMs);
    expect(rig.settle()).toEqual([]);
    expect(rig.window(EU_LOW)).toEqual(['rule-error:ok']);
  });

  test('14: flapping costs one page more, then it has to be well for longer', () => {
    const rig = new AlertRig(rule('flap: { episodes: 3, within: 10m, hold: 30s }'));
    const moves = Array.from({ length: 20 }, () => [rig.window(EU_LOW), rig.window(FINE)]);
    const fired = moves.flat(2).filter((move) => move === 'eu:firing');
    expect(new Set(rig.transitions.map(({ episode }) => episode)).size).toBe(3);
    expect(fired.length).toBeGreaterThan(3);
    expect(rig.windows(30, FINE)).toEqual(['eu:ok']);
  });

  test('16: who fires again right after resolving has a new episode, both are told', () => {
    const rig = new AlertRig(rule());
    rig.window(EU_LOW);
    rig.window(FINE);
    rig.window(EU_LOW);
    expect(rig.transitions.map(({ to }) => to)).toEqual(['firing', 'ok', 'firing']);
    const [first, resolved, second] = rig.transitions.map(({ episode }) => episode);
    expect(resolved).toBe(first);
    expect(second).not.toBe(first);
    expect(new Set(rig.transitions.map(({ id }) => id)).size).toBe(3);
  });

  test('17: a reload keeps timers and what fires, whatever else it changes', () => {
    const rig = new AlertRig(rule('for: 3s'));
    rig.window(regions({ eu: 3, us: 100 }));
    rig.windows(2, regions({ eu: 3, us: 3 }));
    rig.reload(rule('for: 3s\nseverity: critical\nannotations: { summary: new }'));
    expect(rig.settle()).toEqual([]);
    expect(rig.window(regions({ eu: 3, us: 3 }))).toEqual(['eu:firing']);
    expect(rig.transitions.at(-1)).toMatchObject({ severity: 'critical', ruleVersion: 2 });
    rig.reload(rule('for: 3s'));
    expect(rig.firing()).toEqual(['eu']);
    expect(rig.window(regions({ eu: 3, us: 3 }))).toEqual(['us:firing']);
  });

  test('a rule that is removed, or tells alerts apart otherwise, ends its alerts and says why', () => {
    const rig = new AlertRig(rule());
    rig.window(EU_LOW);
    rig.reload(rule('by: []'));
    expect(rig.transitions.at(-1)).toMatchObject({
      to: 'ok',
      window: null,
      reason: 'the rule tells alerts apart by other columns now',
    });
    rig.window([{ region: 'eu', n: 1 }]);
    rig.reload('rules: []');
    expect(rig.transitions.at(-1)).toMatchObject({ to: 'ok', reason: 'the rule was removed' });
    expect(rig.inputs.at(-1)).toEqual({ type: 'unlisten', listener: 'few' });
  });

  test('a restart while firing keeps the episode and pages nobody again', () => {
    const rig = new AlertRig(rule());
    rig.window(EU_LOW);
    const [page] = rig.transitions;
    rig.restart();
    expect(rig.firing()).toEqual(['eu']);
    expect([...rig.engine.firing()][0]?.transition).toEqual(page);
    expect(rig.inputs.slice(-2)).toMatchObject([
      { type: 'listen' },
      { type: 'hold-groups', groups: [['eu']] },
    ]);
    expect(rig.windows(3, EU_LOW)).toEqual([]);
    expect(rig.window(FINE)).toEqual(['eu:ok']);
    expect(rig.transitions.at(-1)?.episode).toBe(page?.episode);
  });

  test('a restart without the rule ends what it held', () => {
    const rig = new AlertRig(rule());
    rig.window(EU_LOW);
    rig.restart('rules: []');
    expect(rig.transitions.at(-1)).toMatchObject({ to: 'ok', reason: 'the rule was removed' });
    rig.restart(rule());
    expect(rig.firing()).toEqual([]);
  });

  test('an alert can be dismissed by a person', () => {
    const rig = new AlertRig(rule());
    rig.window(EU_LOW);
    expect(rig.engine.dismiss('few', '{"region":"us"}', 'ann', rig.nowMs)).toBe(false);
    expect(rig.engine.dismiss('few', '{"region":"eu"}', 'ann', rig.nowMs)).toBe(true);
    expect(rig.settle()).toEqual(['eu:ok']);
    expect(rig.transitions.at(-1)?.reason).toBe('dismissed by ann');
  });

  test('a rule on the stream of alerts does not hear of itself', () => {
    const query = 'select count(*) as n from squilla.alerts window 1s';
    const rig = new AlertRig(rule('', query));
    const listen = rig.inputs.find((input) => input.type === 'listen');
    expect(listen?.query).toContain("coalesce(rule, '') != 'few'");
  });

  test('a paused rule hears nothing and holds what it held', () => {
    const rig = new AlertRig(rule());
    rig.window(EU_LOW);
    rig.reload(rule('paused: true'));
    expect(rig.inputs.at(-1)).toEqual({ type: 'unlisten', listener: 'few' });
    expect(rig.firing()).toEqual(['eu']);
  });
});
