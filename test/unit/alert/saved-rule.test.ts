/** Rules that ask a saved query. */
import { describe, expect, test } from 'vitest';
import type { ValueObject } from '../../../src/model/value.ts';
import { AlertRig } from '../../support/alert-rig.ts';

const QUERY = 'select count(*) as n from plays window 1s group by region';

function regions(counts: Record<string, number>): ValueObject[] {
  return Object.entries(counts).map(([region, n]) => ({ region, n }));
}

const FINE = regions({ eu: 100, us: 100 });
const EU_LOW = regions({ eu: 3, us: 100 });

describe('a rule on a saved query', () => {
  const SAVED = 'rules:\n  - name: few\n    saved: plays-by-region\n    when: n < 10\n';
  const queries = { 'plays-by-region': QUERY };

  test('listens to it, and to another one as soon as it is changed', () => {
    const rig = new AlertRig(SAVED, 1_000, queries);
    rig.window(EU_LOW);
    const other = QUERY.replace('1s', '2s');
    rig.queries.set('plays-by-region', other);
    expect(rig.replan()).toEqual([]);
    const listens = rig.inputs.flatMap((one) => (one.type === 'listen' ? [one.query] : []));
    expect(listens).toEqual([QUERY, other]);
    expect(rig.firing()).toEqual(['eu']);
    rig.replan();
    expect(rig.inputs.filter(({ type }) => type === 'listen')).toHaveLength(2);
  });

  test('says so when it vanishes, keeps its state, and goes on when it is back', () => {
    const rig = new AlertRig(SAVED, 1_000, queries);
    rig.window(EU_LOW);
    rig.queries.clear();
    expect(rig.replan()).toEqual([]);
    expect(rig.inputs.at(-1)).toEqual({ type: 'unlisten', listener: 'few' });
    expect(rig.engine.mistakes('few')[0]).toEqual({
      field: 'saved',
      message: 'there is no saved query `plays-by-region`',
    });
    expect(rig.tick(11_000)).toEqual(['rule-error:firing']);
    expect(rig.firing()).toEqual(['eu', 'rule-error']);
    rig.queries.set('plays-by-region', QUERY);
    expect(rig.replan()).toEqual([]);
    expect(rig.window(FINE)).toEqual(['eu:ok', 'rule-error:ok']);
  });

  test('that is not there after a restart keeps what fired', () => {
    const rig = new AlertRig(SAVED, 1_000, queries);
    rig.window(EU_LOW);
    const [page] = rig.transitions;
    rig.queries.clear();
    rig.restart();
    expect(rig.firing()).toEqual(['eu']);
    rig.queries.set('plays-by-region', QUERY);
    rig.replan();
    expect(rig.window(FINE)).toEqual(['eu:ok']);
    expect(rig.transitions.at(-1)?.episode).toBe(page?.episode);
    rig.restart('rules: []');
    expect(rig.transitions).toHaveLength(2);
  });
});
