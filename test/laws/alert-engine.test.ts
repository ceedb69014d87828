/**
 * What holds for alerts whatever happens: random windows, gaps in telemetry, restarts, reloads and
 * clocks that jump.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AlertTransition } from '../../src/alert/transition.ts';
import { isFiring } from '../../src/alert/transition.ts';
import { AlertRig } from '../support/alert-rig.ts';
import type { WindowParts } from '../support/alert-rig.ts';
import { lawParameters } from '../support/laws.ts';

type Happening =
  | {
      readonly what: 'window';
      readonly eu: number | null;
      readonly us: number;
      readonly parts: number;
    }
  | { readonly what: 'restart' | 'reload' }
  | { readonly what: 'jump' | 'wait'; readonly ms: number };

/** How a window may be: the first ones are evidence. */
const PARTS: readonly WindowParts[] = [
  {},
  {},
  { expected: 5 },
  { reporting: 1, quiet: ['eu'] },
  { reporting: 0, quiet: ['eu', 'us'] },
  { expected: 0, source: 'silent', quiet: ['eu', 'us'] },
  { expected: 2, quiet: ['eu'] },
  { reasons: ['first-window'] },
  { reasons: ['starting'], reporting: 0 },
  { seen: 10, late: 10 },
  { engine: 'behind' },
];

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      what: fc.constant('window' as const),
      eu: fc.option(fc.constantFrom(0, 5, 15, 100)),
      us: fc.constantFrom(0, 5, 100),
      parts: fc.nat(PARTS.length - 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('restart', 'reload') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constantFrom('jump', 'wait'),
      ms: fc.integer({ min: 1, max: 40 }).map((n) => n * 1_000),
    }),
  },
);

const policies = fc.record({
  for: fc.constantFrom('0s', '2s'),
  keep_firing_for: fc.constantFrom('0s', '3s'),
  clear_when: fc.constantFrom(null, 'n > 50'),
  flap: fc.constantFrom('ignore', '{ episodes: 2, within: 1m, hold: 5s }'),
});

function rulesOf(policy: Record<string, string | null>, severity: string): string {
  const lines = Object.entries(policy).flatMap(([name, value]) =>
    value === null ? [] : [`    ${name}: ${value}`],
  );
  const query = 'select count(*) as n from plays window 1s group by region';
  const head = `  - name: few\n    query: ${query}\n    when: n < 10\n    severity: ${severity}`;
  return `rules:\n${head}\n${lines.join('\n')}\n`;
}

/** What happened, and the transitions it caused. */
interface Step {
  readonly happening: Happening;
  readonly moves: readonly AlertTransition[];
}

function live(rig: AlertRig, all: readonly Happening[], rules: readonly [string, string]): Step[] {
  let which = 0;
  return all.map((one) => {
    const before = rig.transitions.length;
    switch (one.what) {
      case 'window': {
        const eu = one.eu === null ? [] : [{ region: 'eu', n: one.eu }];
        rig.window([...eu, { region: 'us', n: one.us }], PARTS[one.parts] ?? {});
        break;
      }
      case 'restart':
        rig.restart();
        break;
      case 'reload':
        which = 1 - which;
        rig.reload(rules[which] ?? '');
        break;
      case 'jump':
        rig.nowMs -= one.ms;
        break;
      case 'wait':
        rig.wait(one.ms);
        break;
    }
    return { happening: one, moves: rig.transitions.slice(before) };
  });
}

function history(all: readonly Happening[], policy: Record<string, string | null>): Step[] {
  const rules = [rulesOf(policy, 'warning'), rulesOf(policy, 'critical')] as const;
  return live(new AlertRig(rules[0]), all, rules);
}

const happenings = fc.array(happening, { maxLength: 60 });

test('an alert ends only with a window that is evidence and shows that it is over', () => {
  fc.assert(
    fc.property(happenings, policies, (all, policy) => {
      for (const { happening: one, moves } of history(all, policy)) {
        for (const { condition, from, to, key } of moves) {
          if (condition !== 'threshold' || !isFiring(from) || to !== 'ok') continue;
          expect(one.what).toBe('window');
          if (one.what !== 'window') continue;
          const parts = PARTS[one.parts] ?? {};
          expect(parts).not.toHaveProperty('reporting');
          expect(parts).not.toHaveProperty('reasons');
          expect(parts).not.toHaveProperty('late');
          expect(parts).not.toHaveProperty('source');
          const n = key.includes('eu') ? one.eu : one.us;
          expect(n).toBeGreaterThanOrEqual(10);
        }
      }
    }),
    lawParameters(500),
  );
});

test('ids are unique, episodes have one beginning and one end, and states follow each other', () => {
  fc.assert(
    fc.property(happenings, policies, (all, policy) => {
      const transitions = history(all, policy).flatMap(({ moves }) => moves);
      expect(new Set(transitions.map(({ id }) => id)).size).toBe(transitions.length);
      const states = new Map<string, AlertTransition>();
      const ended = new Set<string>();
      for (const transition of transitions) {
        const alert = `${transition.condition} ${transition.key}`;
        const before = states.get(alert);
        expect(transition.from).toBe(before?.to ?? 'ok');
        expect(ended.has(transition.episode)).toBe(false);
        if (transition.from !== 'ok') expect(transition.episode).toBe(before?.episode);
        if (transition.to === 'ok') ended.add(transition.episode);
        states.set(alert, transition);
      }
    }),
    lawParameters(500),
  );
});

test('what fires now is what transitions said last, also after a restart', () => {
  fc.assert(
    fc.property(happenings, policies, (all, policy) => {
      const rules = [rulesOf(policy, 'warning'), rulesOf(policy, 'critical')] as const;
      const rig = new AlertRig(rules[0]);
      live(rig, all, rules);
      const last = new Map<string, AlertTransition>();
      for (const transition of rig.transitions) {
        last.set(`${transition.condition} ${transition.key}`, transition);
      }
      const said = [...last.values()].filter(({ to }) => isFiring(to)).map(({ id }) => id);
      const firing = (): string[] => [...rig.engine.firing()].map((alert) => alert.transition.id);
      expect(firing().toSorted()).toEqual(said.toSorted());
      rig.restart();
      expect(firing().toSorted()).toEqual(said.toSorted());
    }),
    lawParameters(400),
  );
});

test('a gap in telemetry pages nobody for what a rule watches', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(3, 4, 5, 7, 8), { maxLength: 60 }), (parts) => {
      const quiet = parts.map((index): Happening => ({
        what: 'window',
        eu: 0,
        us: 0,
        parts: index,
      }));
      const healthy: Happening = { what: 'window', eu: 100, us: 100, parts: 0 };
      const steps = history([healthy, healthy, ...quiet], { flap: 'ignore' });
      const conditions = steps.flatMap(({ moves }) => moves.map(({ condition }) => condition));
      expect(conditions).not.toContain('threshold');
    }),
    lawParameters(500),
  );
});
