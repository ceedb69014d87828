/**
 * The notifier under random weeks: alerts come and go, are silenced and acknowledged, the engine
 * restarts and its files change. What must hold whatever happens is checked on all that was told.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFiringAlert } from '../../src/alert/notify/notified-alert.ts';
import type { Notification } from '../../src/alert/notify/notification.ts';
import { NotifyWorld, RECEIVERS } from '../support/notify-world.ts';
import { lawParameters } from '../support/laws.ts';

const TREES = [
  `${RECEIVERS}
route: { receiver: chat, groupBy: [alertname], groupWait: 1s, groupInterval: 10s, repeat: 5m }
`,
  `${RECEIVERS}
route:
  receiver: chat
  groupBy: ['...']
  groupWait: 0s
  groupInterval: 30s
  repeat: 10m
  escalate: [{ after: 2m, receiver: boss }]
  routes:
    - { match: [region = eu], receiver: phone, continue: true, allClear: grouped }
    - { match: ['region =~ "e.*"'] }
inhibit: [{ source: [alertname = a], target: [alertname = b], equal: [region] }]
`,
];

const alert = fc.record({ name: fc.constantFrom('a', 'b'), region: fc.constantFrom('eu', 'us') });
const step = fc.oneof(
  { weight: 4, arbitrary: alert.map((which) => ({ type: 'fire', ...which }) as const) },
  { weight: 4, arbitrary: alert.map((which) => ({ type: 'end', ...which }) as const) },
  {
    weight: 4,
    arbitrary: fc
      .integer({ min: 1, max: 400 })
      .map((seconds) => ({ type: 'pass', seconds }) as const),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ region: fc.constantFrom('eu', 'us'), seconds: fc.integer({ min: 1, max: 600 }) })
      .map((silence) => ({ type: 'silence', ...silence }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'acknowledge' } as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' } as const) },
  { weight: 1, arbitrary: fc.nat(1).map((tree) => ({ type: 'reload', tree }) as const) },
);

test('whatever happens, pages keep their promises', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const world = new NotifyWorld(TREES[0] ?? '');
      const firing = new Map<string, Life>();
      const lives: Life[] = [];
      const muted: string[] = [];
      let ids = 0;
      for (const next of steps) {
        const before = world.told.length;
        switch (next.type) {
          case 'fire': {
            const key = `${next.name}/${next.region}`;
            if (firing.has(key)) break;
            // An episode is named by its start, and no two start in one millisecond.
            world.pass(1);
            firing.set(key, { ...next, startMs: world.nowMs, endMs: 0 });
            world.fire(next.name, { region: next.region });
            break;
          }
          case 'end': {
            const life = firing.get(`${next.name}/${next.region}`);
            if (life === undefined) break;
            firing.delete(`${next.name}/${next.region}`);
            lives.push({ ...life, endMs: world.nowMs });
            world.end(next.name, { region: next.region });
            break;
          }
          case 'pass':
            world.pass(next.seconds * 1_000);
            break;
          case 'silence':
            world.silence(`s${(ids += 1)}`, `region = ${next.region}`, next.seconds * 1_000);
            break;
          case 'acknowledge':
            if (world.incident !== '') {
              const untilMs = world.nowMs + 60_000;
              world.do({
                type: 'acknowledge',
                incident: world.incident,
                by: 'ann',
                comment: '',
                untilMs,
              });
            }
            break;
          case 'restart':
            world.restart();
            break;
          case 'reload':
            world.reload(TREES[next.tree] ?? '');
            break;
        }
        muted.push(...mutedPages(world, world.told.slice(before)));
      }
      for (const { name, region } of firing.values()) world.end(name, { region });
      world.pass(3_600_000);
      // Nobody is left out.
      expect(untold(world, lives)).toEqual([]);
      // Nobody is told of what is silenced.
      expect(muted).toEqual([]);
      // Each notification has a name of its own.
      expect(new Set(world.told.map(({ id }) => id)).size).toBe(world.told.length);
      // What receivers were told to fire, they were told to be over.
      expect(openAtTheEnd(world.told)).toEqual([]);
      // Nothing stays behind.
      expect(world.stored).toMatchObject({ alerts: 0, groups: 0 });
      expect(world.notifier.held.size + world.notifier.groups.size).toBe(0);
    }),
    lawParameters(200),
  );
});

interface Life {
  readonly name: string;
  readonly region: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Episodes over which no silence ever was, and which nothing inhibits, that were never told. */
function untold({ told, notifier }: NotifyWorld, lives: readonly Life[]): Life[] {
  const silences = [...notifier.silences.values()];
  return lives.filter(({ name, region, startMs, endMs }) => {
    const isSilenced = silences.some(
      ({ matchers, startsAtMs, endsAtMs }) =>
        matchers[0]?.value === region && startsAtMs <= endMs && endsAtMs >= startMs,
    );
    if (name !== 'a' || isSilenced) return false;
    return !told.some(({ alerts }) =>
      alerts.some(
        ({ labels, startsAtMs }) =>
          labels['alertname'] === name && labels['region'] === region && startsAtMs === startMs,
      ),
    );
  });
}

/** Firing alerts that were told at a moment when a silence was in force over them. */
function mutedPages(world: NotifyWorld, told: readonly Notification[]): string[] {
  return told.flatMap(({ alerts, atMs }) =>
    alerts.filter(isFiringAlert).flatMap(({ labels }) => {
      const silence = [...world.notifier.silences.values()].find(
        ({ matchers, startsAtMs, endsAtMs }) =>
          matchers[0]?.value === labels['region'] && startsAtMs <= atMs && atMs < endsAtMs,
      );
      // A silence that was put in the same step came after what was told.
      return silence === undefined || silence.createdAtMs >= atMs
        ? []
        : [`${labels['region']} ${atMs}`];
    }),
  );
}

/** Receiver and incident whose last word was that it fires. */
function openAtTheEnd(told: readonly Notification[]): string[] {
  const last = new Map<string, string>();
  for (const { receiver, incident, status } of told) last.set(`${receiver} ${incident}`, status);
  return [...last].filter(([, status]) => status === 'firing').map(([key]) => key);
}
