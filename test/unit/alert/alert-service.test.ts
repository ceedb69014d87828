/**
 * The service over a real store: what is written down with what, and what happens when it fails.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AlertService } from '../../../src/alert/alert-service.ts';
import { explainAlert } from '../../../src/alert/explain-alert.ts';
import { AlertStore, RULE_VERSIONS_KEPT } from '../../../src/alert/alert-store.ts';
import type { AlertTransition } from '../../../src/alert/transition.ts';
import { Unwritten, UNWRITTEN_TRANSITIONS_MAX } from '../../../src/alert/unwritten.ts';
import { scopeAlone } from '../../../src/alert/rule-scope.ts';
import { DEFAULTS } from '../../../src/config.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import type { ValueObject } from '../../../src/model/value.ts';
import { silentLogger } from '../../../src/observe/logger.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { completeness, RIG_START_MS } from '../../support/alert-rig.ts';

const RULES = `
rules:
  - name: few
    query: select count(*) as n from plays window 1s group by region
    when: n < 10
`;

let store: Store;
let clock: VirtualClock;
let told: AlertTransition[][];
let published: ValueObject[];
let notify: (transitions: readonly AlertTransition[]) => void;

beforeEach(async () => {
  store = await openStore({ dataDir: null, sync: 'normal', config: DEFAULTS });
  clock = new VirtualClock(RIG_START_MS);
  told = [];
  published = [];
  notify = (transitions) => void told.push([...transitions]);
});

afterEach(() => store.close());

function begin(rules = RULES): AlertService {
  const service = new AlertService({
    ...{ config: DEFAULTS, clock, log: silentLogger },
    store: new AlertStore(store.sql, DEFAULTS),
    scope: scopeAlone(),
    handle: () => undefined,
    notify: (transitions) => notify(transitions),
    publish: (events) => void published.push(...events),
  });
  service.start(new Map([['few.yaml', rules]]));
  return service;
}

function close(service: AlertService, n: number): void {
  clock.advance(1_000);
  const endMs = clock.now();
  const window = {
    ...{ startMs: endMs - 1_000, endMs, revision: 0, provisional: false },
    rows: [{ region: 'eu', n }],
    completeness: completeness(),
  };
  service.hear({ type: 'window', listeners: ['few'], window, quiet: new Set() });
  service.tick();
}

/** What is told of each window that is known, newest first. */
function whys(service: AlertService): string[] {
  const watch = service.engine.watch('few')!;
  return [...watch.keys()].flatMap((key) =>
    explainAlert(watch, key, null).windows.map(
      ({ value, why, window }) => `${(window.endMs - RIG_START_MS) / 1_000} ${value} ${why}`,
    ),
  );
}

describe('why an alert did or did not fire', () => {
  const BEFORE = [
    '3 200 it does not hold: n < 10',
    '2 3 it holds: n < 10',
    '1 100 it does not hold: n < 10',
  ];

  test.each([
    { how: 'was stopped', end: (service: AlertService) => service.stop() },
    {
      how: 'was killed after a while',
      end: (service: AlertService) => {
        clock.advance(6_000);
        service.tick();
        clock.advance(-6_000);
      },
    },
  ])('is told of windows of an engine that $how, too', ({ end }) => {
    const first = begin();
    for (const n of [100, 3, 200]) close(first, n);
    expect(whys(first)).toEqual(BEFORE);
    end(first);
    const second = begin();
    expect(whys(second)).toEqual(BEFORE);
    close(second, 4);
    expect(whys(second)).toEqual(['4 4 it holds: n < 10', ...BEFORE]);
    expect(
      told
        .flat()
        .at(-1)
        ?.evidence.sparkline.map(({ value }) => value),
    ).toEqual([100, 3, 200, 4]);
  });

  test('is not told of windows of another query', () => {
    const first = begin();
    close(first, 100);
    first.stop();
    const second = begin(RULES.replace('window 1s', 'window 2s'));
    expect(whys(second)).toEqual([]);
    second.stop();
    expect(whys(begin())).toEqual([]);
  });
});

describe('a transition', () => {
  test('is written down with its state, told, and published', () => {
    const service = begin();
    close(service, 3);
    expect(told.flat().map(({ to }) => to)).toEqual(['firing']);
    expect(service.history({ limit: 10 })).toEqual(told.flat());
    expect(published).toMatchObject([{ rule: 'few', to: 'firing', values: { n: 3 } }]);
    const again = begin();
    expect(again.firing()).toMatchObject([{ transition: told.flat()[0] }]);
    close(again, 100);
    expect(told.flat().map(({ to }) => to)).toEqual(['firing', 'ok']);
    expect(again.history({ rule: 'few', key: '{"region":"eu"}', limit: 1 })).toMatchObject([
      { to: 'ok' },
    ]);
    expect(begin().firing()).toEqual([]);
  });

  test('is not written down if what is told of it cannot be', () => {
    const service = begin();
    let isBroken = true;
    notify = (transitions) => {
      if (isBroken) {
        isBroken = false;
        throw new Error('the outbox is full');
      }
      told.push([...transitions]);
    };
    close(service, 3);
    expect(told).toHaveLength(1);
    expect(service.counts.storeFailures).toBe(1);
    expect(service.history({ limit: 10 })).toEqual([]);
    // The state comes with the next one, so that nothing is forgotten for long.
    close(service, 100);
    close(service, 3);
    expect(begin().firing()).toHaveLength(1);
  });

  test('that met a failing store is in the history once it works again, in order and once', () => {
    const service = begin();
    store.sql.exec('ALTER TABLE alert_history RENAME TO away');
    close(service, 3);
    close(service, 100);
    expect(told.flat().map(({ to }) => to)).toEqual(['firing', 'ok']);
    expect(service.counts.storeFailures).toBeGreaterThan(0);
    store.sql.exec('ALTER TABLE away RENAME TO alert_history');
    expect(service.history({ limit: 10 })).toEqual([]);
    // Nothing new has to happen for that.
    clock.advance(1_000);
    service.tick();
    expect(service.history({ limit: 10 }).toReversed()).toEqual(told.flat());
    service.tick();
    expect(service.history({ limit: 10 })).toHaveLength(2);
    expect(told.flat()).toHaveLength(2);
    expect(begin().firing()).toEqual([]);
  });

  test('beyond the bound is given up, oldest first, and counted', () => {
    const unwritten = new Unwritten();
    const many = Array.from(
      { length: UNWRITTEN_TRANSITIONS_MAX + 3 },
      (_, i) => ({ id: `${i}` }) as AlertTransition,
    );
    unwritten.add([], many);
    expect(unwritten.trim()).toBe(3);
    expect(unwritten.transitions()).toEqual(many.slice(3));
    expect(unwritten.trim()).toBe(0);
  });

  test('is told although the store is gone', () => {
    const service = begin();
    store.close();
    close(service, 3);
    expect(told.flat().map(({ to }) => to)).toEqual(['firing']);
    expect(service.counts.storeFailures).toBe(1);
  });
});

describe('rules', () => {
  test('that are changed over and over leave one watch, and their newest versions', () => {
    const service = begin();
    for (let n = 1; n <= 500; n++) {
      const text = `name: own\nquery: select count(*) as n from plays window 1s\nwhen: n < ${n}\n`;
      expect(service.put('own', text, { author: 'ann', expected: n - 1 })).toMatchObject({
        ok: true,
      });
    }
    expect([...service.engine.watches()]).toHaveLength(2);
    expect(service.book.entries()).toHaveLength(2);
    expect(service.versions('own')).toHaveLength(RULE_VERSIONS_KEPT);
    expect(service.versions('own')[0]).toMatchObject({ version: 500 });
  });

  test('keep their versions over restarts, and files that are unchanged keep theirs', async () => {
    expect(begin().book.entries()).toMatchObject([{ version: 1, origin: 'few.yaml' }]);
    const service = begin();
    expect(service.book.entries()).toMatchObject([{ version: 1 }]);
    const changed = RULES.replace('n < 10', 'n < 20');
    expect(await service.reload(new Map([['few.yaml', changed]]))).toMatchObject({
      changed: ['few'],
    });
    expect(await service.reload(new Map([['other.yaml', changed]]))).toMatchObject({ ok: true });
    expect(service.versions('few').map(({ version }) => version)).toEqual([2, 1]);
    expect(await service.reload(new Map())).toMatchObject({ removed: ['few'] });
    expect(service.versions('few')[0]).toMatchObject({ version: 3, text: null });
  });

  test('two files with one rule are refused, and the API cannot take a name of a file', async () => {
    const service = begin();
    const files = new Map([
      ['a.yaml', RULES],
      ['b.yaml', RULES],
    ]);
    expect(await service.reload(files)).toMatchObject({
      ok: false,
      mistakes: [{ file: 'b.yaml', line: 3, message: '`few` is also a rule of a.yaml' }],
    });
    expect(service.put('few', RULES, { author: 'ann', expected: null })).toMatchObject({
      why: 'in-file',
    });
  });

  test('of a large reload are taken in slices, between which windows have their turn', async () => {
    const service = begin();
    const many = Array.from({ length: 400 }, (_, i) =>
      RULES.trim().replace('rules:\n', '').replace('few', `rule-${i}`),
    );
    const files = new Map([
      ['few.yaml', RULES],
      ['many.yaml', `rules:\n${many.join('\n')}\n`],
    ]);
    // Each look at the clock is later than a slice is long.
    const now = clock.now.bind(clock);
    clock.now = () => {
      clock.advance(20);
      return now();
    };
    let turns = 0;
    let running = true;
    const turn = (): void => {
      if (!running) return;
      turns++;
      setImmediate(turn);
    };
    turn();
    const reload = service.reload(files);
    const put = service.put('own', RULES.replace('few', 'own'), { author: 'ann', expected: null });
    expect(put.ok).toBe(true);
    expect(await reload).toMatchObject({ ok: true, changed: [], removed: [] });
    running = false;
    expect(turns).toBeGreaterThan(400);
    // What came meanwhile stays.
    expect([...service.engine.watches()]).toHaveLength(402);
    expect(await service.reload(new Map())).toMatchObject({ ok: true });
    expect([...service.engine.watches()].map(({ rule }) => rule.rule.name)).toEqual(['own']);
  });
});

test('versions of many rules wait for the disk a few times, and not once each', async () => {
  const rule = (i: number, n: number): string =>
    `  - { name: r${i}, query: "select count(*) as n from plays window 1s", when: n < ${n} }\n`;
  const rules = (n: number): string =>
    `rules:\n${Array.from({ length: 450 }, (_, i) => rule(i, n)).join('')}`;
  const writes = vi.spyOn(AlertStore.prototype, 'addVersions');
  const service = begin(rules(1));
  expect(service.versions('r449').map(({ version }) => version)).toEqual([1]);
  expect(writes).toHaveBeenCalledTimes(3);
  const reload = await service.reload(new Map([['few.yaml', rules(2)]]));
  expect(reload.ok && reload.changed).toHaveLength(450);
  expect(service.versions('r0').map(({ version }) => version)).toEqual([2, 1]);
  expect(writes).toHaveBeenCalledTimes(6);
  await service.reload(new Map());
  expect(service.versions('r7').map(({ text }) => text === null)).toEqual([true, false, false]);
  expect(writes).toHaveBeenCalledTimes(9);
  writes.mockRestore();
});
