/** What a rule knows of its alerts after restarts, reloads and clocks that are set back. */
import { describe, expect, test } from 'vitest';
import type { ValueObject } from '../../../src/model/value.ts';
import { AlertRig } from '../../support/alert-rig.ts';

const QUERY = 'select count(*) as n from plays window 1s group by region';

function regions(counts: Record<string, number>): ValueObject[] {
  return Object.entries(counts).map(([region, n]) => ({ region, n }));
}

function rule(lines = ''): string {
  return `rules:\n  - name: few\n    query: ${QUERY}\n    when: n < 10\n    ${lines}\n`;
}

const FINE = regions({ eu: 100, us: 100 });
const EU_LOW = regions({ eu: 3, us: 100 });

/** What may make the engine forget an alert that has been well, while the clock is set back. */
const FORGETTING: readonly { readonly how: string; readonly by: (rig: AlertRig) => void }[] = [
  { how: 'a restart', by: (rig) => rig.restart() },
  {
    how: 'many windows without the key',
    by: (rig) => {
      rig.windows(70, regions({ us: 100 }));
      rig.nowMs -= 70 * rig.stepMs;
    },
  },
  {
    how: 'the removal of its rule',
    by: (rig) => {
      rig.reload('rules: []');
      rig.reload(rule('flap: ignore'));
    },
  },
  {
    how: 'a restart without its rule',
    by: (rig) => {
      rig.restart('rules: []');
      rig.restart(rule('flap: ignore'));
    },
  },
];

describe('an episode is never named like an earlier one', () => {
  test.each(FORGETTING)('after $how, though the clock was set back', ({ by }) => {
    const rig = new AlertRig(rule('flap: ignore'));
    rig.window(EU_LOW);
    rig.window(FINE);
    by(rig);
    rig.nowMs -= 2 * rig.stepMs;
    rig.engine.watch('few')?.listens();
    rig.window(EU_LOW);
    const pages = rig.transitions.filter(({ to }) => to === 'firing');
    expect(pages).toHaveLength(2);
    expect(new Set(pages.map(({ episode }) => episode)).size).toBe(2);
  });

  test('nor is one about missing agents', () => {
    const rig = new AlertRig(rule('on_silent: { for: 0s }'));
    rig.window(FINE, { reporting: 0 });
    rig.window(FINE);
    rig.restart();
    rig.nowMs -= 2 * rig.stepMs;
    rig.window(FINE, { reporting: 0 });
    const pages = rig.transitions.filter(({ to }) => to === 'firing');
    expect(pages.map(({ condition }) => condition)).toEqual(['silent', 'silent']);
    expect(new Set(pages.map(({ episode }) => episode)).size).toBe(2);
  });
});

test('windows of `m_of_n` in which it held count after a restart as well', () => {
  const rig = new AlertRig(rule('m_of_n: [3, 5]'));
  rig.windows(2, EU_LOW);
  rig.tick(6_000);
  rig.restart();
  expect(rig.window(EU_LOW)).toEqual(['eu:firing']);
});
