/**
 * `kill -9` at every point at which it makes a difference, with every kind of receiver: before and
 * after each commit, before each request, between a request that was taken and its answer. No page
 * is lost, one is doubled only under its own name and within the bound that the documents state,
 * and an incident keeps its name.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFiringAlert } from '../../src/alert/notify/notified-alert.ts';
import type { Notification } from '../../src/alert/notify/notification.ts';
import { RIG_START_MS } from '../support/alert-rig.ts';
import { IN_FLIGHT_MAX, KillWorld, OUTAGES, SILENCE } from '../support/kill-world.ts';
import { lawParameters } from '../support/laws.ts';
import { TAKERS } from '../support/page-takers.ts';

const KINDS = Object.keys(TAKERS);
let folder = '';

beforeAll(() => {
  process.env['SQUILLA_TEST_SECRET'] = 'k'.repeat(32);
  folder = mkdtempSync(join(tmpdir(), 'squilla-kills-'));
  for (const kind of KINDS) writeFileSync(pathOf(kind), settingsOf(kind));
});
afterAll(() => {
  delete process.env['SQUILLA_TEST_SECRET'];
  rmSync(folder, { recursive: true });
});

function pathOf(kind: string): string {
  return join(folder, `${kind}.yaml`);
}

function settingsOf(kind: string): string {
  return `
receivers: { it: ${TAKERS[kind] ?? ''} }
route:
  receiver: it
  groupBy: [alertname, region]
  groupWait: 300ms
  groupInterval: 1s
  repeat: 5s
`;
}

describe.each(KINDS)('%s', (kind) => {
  test('no page is lost, and none is doubled beyond the bound, wherever the engine is killed', async () => {
    const whole = await KillWorld.run(pathOf(kind), []);
    check(whole);
    const count = whole.killSwitch.points.length;
    expect(count).toBeGreaterThan(70);
    for (let at = 0; at < count; at += 1) check(await KillWorld.run(pathOf(kind), [at]));
  }, 120_000);
});

test('nor if it is killed again and again', async () => {
  const points = (await KillWorld.run(pathOf('pagerduty'), [])).killSwitch.points.length;
  const moments = fc.uniqueArray(fc.nat(points), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...KINDS), moments, async (kind, killAt) => {
      // What went by while nobody was there is not known, what was known is told.
      checkPromises(await KillWorld.run(pathOf(kind), killAt));
    }),
    lawParameters(40),
  );
}, 120_000);

/** After one kill the engine is back before any of the outages is over. */
function check(world: KillWorld): void {
  expect(new Set(told(world).map(({ incident }) => incident)).size).toBe(OUTAGES.length);
  const fired = world.history.filter(({ to }) => to === 'firing');
  expect(fired.map(({ key }) => key).toSorted()).toEqual(
    OUTAGES.map(({ region }) => JSON.stringify({ region })).toSorted(),
  );
  checkPromises(world);
}

function checkPromises(world: KillWorld): void {
  const { kills, points } = world.killSwitch;
  const mistakes = [
    ...lostPages(world),
    ...namelessDoubles(world, kills),
    ...names(world),
    ...silenced(world),
    ...openAtReceivers(world),
  ];
  expect({ mistakes, at: points.at(-1) }).toMatchObject({ mistakes: [] });
}

function told(world: KillWorld): Notification[] {
  const byId = new Map(world.jobs.map(({ id, notification }) => [id, notification]));
  const ids = new Set(world.taken.map(({ delivery }) => delivery));
  return [...ids].flatMap((id) => byId.get(id) ?? []);
}

/**
 * What was decided was told, unless it passed under the silence, and all that was to be told was
 * taken.
 */
function lostPages(world: KillWorld): string[] {
  const notifications = told(world);
  const alerts = notifications.flatMap((notification) => notification.alerts);
  const silencedMs = RIG_START_MS + SILENCE.toSecond * 1_000;
  const untold = world.history.flatMap(({ episode, to, key, atMs }) => {
    const isOver = to === 'ok';
    const own = alerts.filter((alert) => alert.episode === episode);
    const isTold = own.some((alert) => isFiringAlert(alert) !== isOver);
    const isHushed = key.includes(SILENCE.region) && atMs < silencedMs && own.length === 0;
    const isAudible = to === 'firing' || (isOver && own.length > 0);
    return isTold || isHushed || !isAudible ? [] : [`${key} ${to}: not told`];
  });
  const untaken = world.jobs.filter(({ state }) => state !== 'sent');
  return [...untold, ...untaken.map(({ id, state, note }) => `${id} is ${state}: ${note}`)];
}

/**
 * A request came twice only under the id it had, at most once more for each kill, and of all those
 * in flight at a kill only.
 */
function namelessDoubles({ taken, jobs }: KillWorld, kills: number): string[] {
  const known = new Set(jobs.map(({ id }) => id));
  const unknown = taken.filter(({ delivery }) => !known.has(delivery));
  const steps = new Map<string, Set<string>>();
  const times = new Map<string, number>();
  for (const { delivery, step } of taken) {
    const name = `${delivery} ${step}`;
    times.set(name, (times.get(name) ?? 0) + 1);
    steps.set(delivery, (steps.get(delivery) ?? new Set()).add(step));
  }
  const often = [...times].filter(([, count]) => count > 1 + kills);
  const doubled = new Set(
    [...times].filter(([, count]) => count > 1).map(([name]) => name.split(' ')[0]),
  );
  return [
    ...unknown.map(({ delivery }) => `${delivery} was never stored`),
    ...often.map(([name, count]) => `${name} was taken ${count} times`),
    ...(doubled.size > kills * IN_FLIGHT_MAX ? [`${doubled.size} were doubled`] : []),
  ];
}

/** One name for each episode and one beginning, and an end that comes last. */
function names(world: KillWorld): string[] {
  const incidents = new Map<string, Notification[]>();
  const named = new Map<string, Set<string>>();
  for (const notification of told(world)) {
    const { incident, alerts } = notification;
    incidents.set(incident, [...(incidents.get(incident) ?? []), notification]);
    for (const { episode } of alerts) {
      named.set(episode, (named.get(episode) ?? new Set()).add(incident));
    }
  }
  const wrong = [...incidents.values()].filter((of) => {
    const beginnings = of.filter(({ reason }) => reason === 'new').length;
    return beginnings > 1 || of.at(-1)?.status !== 'resolved';
  });
  const renamed = [...named].filter(([, names]) => names.size > 1);
  return [
    ...renamed.map(([episode]) => `${episode} had two names`),
    ...wrong.map((of) => of.map(({ reason }) => reason).join(' ')),
  ];
}

function silenced(world: KillWorld): string[] {
  const to = RIG_START_MS + SILENCE.toSecond * 1_000;
  return told(world)
    .filter(({ atMs, alerts }) => {
      const isFiring = alerts.some(
        (alert) => isFiringAlert(alert) && alert.labels['region'] === SILENCE.region,
      );
      return isFiring && atMs > world.silencedFromMs && atMs < to;
    })
    .map(({ reason }) => `${reason} was told under a silence`);
}

/** What stands open at those who keep state, by the rules of their makers. */
function openAtReceivers({ taken, clock }: KillWorld): string[] {
  const open = new Map<string, string>();
  for (const { body } of taken) {
    if (Array.isArray(body)) {
      for (const { labels, endsAt } of body as { labels: object; endsAt: string }[]) {
        const key = JSON.stringify(labels);
        if (Date.parse(endsAt) > clock.now()) open.set(key, 'at the Alertmanager');
        else open.delete(key);
      }
      continue;
    }
    const { event_action: action, dedup_key: key = '' } = body as {
      event_action?: string;
      dedup_key?: string;
    };
    if (action === 'trigger') open.set(key, 'at PagerDuty');
    else if (action === 'resolve') open.delete(key);
  }
  return [...open].map(([key, where]) => `${key} stands open ${where}`);
}
