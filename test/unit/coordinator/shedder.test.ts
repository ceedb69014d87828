/** Shedding against a plant: a shard that can do so much work a second and queues the rest. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/config.ts';
import { Shedder } from '../../../src/coordinator/shedder.ts';
import { lawParameters } from '../../support/laws.ts';

interface Query {
  readonly stage: string;
  readonly isStanding: boolean;
  readonly owner: string | null;
  /** Work a second, of which a shard does 100. */
  readonly cost: number;
}

function query(
  stage: string,
  cost: number,
  { isStanding = false, owner = 'someone' }: { isStanding?: boolean; owner?: string } = {},
): Query {
  return { stage, cost, isStanding, owner };
}

/** Milliseconds of lag that a second of such load adds. */
function lagGrowth(load: number): number {
  return (load - 100) * 10;
}

class Plant {
  readonly shedder = new Shedder<Query>(DEFAULTS);
  readonly queries: readonly Query[];
  /** Of the traffic that the costs are for. */
  traffic = 1;
  nowMs = 0;
  lagMs = 0;
  /** Times at which something changed, and what: `-a` was shed, `+a` came back. */
  readonly log: string[] = [];

  constructor(queries: readonly Query[]) {
    this.queries = queries;
  }

  get shed(): string[] {
    return this.shedder.queries.map(({ stage }) => stage).sort();
  }

  get load(): number {
    const running = this.queries.filter((one) => !this.shedder.isShed(one));
    return this.traffic * running.reduce((sum, { cost }) => sum + cost, 0);
  }

  run(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.#work();
      for (let turn = 0; turn < 5; turn++) {
        this.nowMs += 200;
        for (const {
          query: { stage },
          isShed,
        } of this.#decide()) {
          this.log.push(`${isShed ? '-' : '+'}${stage}`);
        }
      }
    }
  }

  #work(): void {
    const { load } = this;
    const backlog = this.lagMs + lagGrowth(load);
    this.lagMs = Math.max(0, backlog);
    const busy = Math.min(1, this.lagMs > 0 ? 1 : load / 100);
    const running = this.queries.filter((one) => !this.shedder.isShed(one));
    const costs = running
      .map(({ stage, cost }) => ({ pipeline: stage, share: (cost * this.traffic) / load }))
      .sort((a, b) => b.share - a.share);
    this.shedder.report(0, { busy, lagMs: this.lagMs, costs, states: [] });
  }

  #decide() {
    const byStage = new Map(this.queries.map((one) => [one.stage, one]));
    return this.shedder.decide(this.nowMs, (stage) => byStage.get(stage));
  }
}

describe('shedding', () => {
  test('takes the costliest that nobody stands by, until the rest is kept up with', () => {
    const plant = new Plant([
      query('alert', 60, { isStanding: true }),
      ...['a', 'b', 'c', 'd'].map((name, i) => query(name, 30 - i)),
    ]);
    plant.run(20);
    expect(plant.load).toBeLessThanOrEqual(100);
    expect(plant.shed).toStrictEqual(['a', 'b', 'c']);
  });

  test('takes what stands only when nothing else is left', () => {
    const plant = new Plant([
      query('alert', 90, { isStanding: true }),
      query('rule', 80, { isStanding: true }),
      query('a', 1),
    ]);
    // First what the other one left behind has its time to be worked off.
    plant.run(10);
    expect(plant.log).toStrictEqual(['-a']);
    plant.run(10);
    expect(plant.log.slice(0, 2)).toStrictEqual(['-a', '-alert']);
    expect(plant.shed).not.toContain('rule');
  });

  test.each([
    ['is busy and keeps up', { busy: 1, lagMs: 500 }],
    ['reads old events without haste', { busy: 0.5, lagMs: 60_000 }],
  ])('never happens while the shard %s', (_what, load) => {
    const shedder = new Shedder<Query>(DEFAULTS);
    const only = query('a', 1);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 500) {
      shedder.report(0, { ...load, costs: [{ pipeline: 'a', share: 1 }], states: [] });
      expect(shedder.decide(nowMs, () => only)).toStrictEqual([]);
    }
  });

  test('takes from a client who asked for most of the work before it takes from others', () => {
    const many = Array.from({ length: 20 }, (_none, i) =>
      query(`heavy ${i}`, 6, { owner: 'greedy' }),
    );
    const plant = new Plant([...many, query('mine', 12), query('yours', 14, { owner: 'another' })]);
    plant.run(20);
    expect(plant.load).toBeLessThanOrEqual(100);
    expect(plant.shed.every((stage) => stage.startsWith('heavy'))).toBe(true);
  });

  test('ends when the traffic does, in reverse: what stands first, then the cheapest', () => {
    const plant = new Plant([
      query('rule', 150, { isStanding: true }),
      query('a', 40),
      query('b', 60),
    ]);
    plant.run(15);
    expect(plant.shed).toStrictEqual(['a', 'b', 'rule']);
    plant.traffic = 0.2;
    plant.log.length = 0;
    plant.run(60);
    expect(plant.shed).toStrictEqual([]);
    expect(plant.log).toStrictEqual(['+rule', '+a', '+b']);
  });

  test('ends soon however many were shed: each probe that stays brings twice as many back', () => {
    const plant = new Plant(Array.from({ length: 1_000 }, (_none, i) => query(`q${i}`, 1)));
    plant.run(60);
    expect(plant.shed.length).toBeGreaterThan(500);
    plant.traffic = 0.05;
    // About as many probes as there were steps, and some to double in.
    plant.run(240);
    expect(plant.shed).toStrictEqual([]);
  });

  test('brings one back after a probe that failed, not as many as before', () => {
    const plant = new Plant(Array.from({ length: 40 }, (_none, i) => query(`q${i}`, 5)));
    plant.run(60);
    plant.traffic = 0.6;
    plant.log.length = 0;
    plant.run(300);
    // A hundred of 120 parts of work fit: too large a probe was taken back whole.
    const failed = plant.log.findIndex((change) => change.startsWith('-'));
    expect(failed).toBeGreaterThan(0);
    const again = plant.log.slice(failed).filter((change) => change.startsWith('+'));
    expect(again.length).toBeGreaterThan(0);
    expect(plant.load).toBeLessThanOrEqual(100);
  });

  test('is tried against ever more rarely while the load lasts', () => {
    const plant = new Plant([query('a', 90), query('b', 80)]);
    plant.run(600);
    expect(plant.shed).toHaveLength(1);
    const tries = plant.log.filter((change) => change.startsWith('+')).length;
    expect(tries).toBeGreaterThanOrEqual(5);
    expect(tries).toBeLessThanOrEqual(15);
  });

  test('ends although the shard whose lag it was has died', () => {
    const plant = new Plant([query('a', 90), query('b', 80)]);
    plant.run(10);
    expect(plant.shed).toHaveLength(1);
    plant.shedder.lost(0);
    let nowMs = plant.nowMs;
    for (; plant.shed.length > 0; nowMs += 200) {
      plant.shedder.decide(nowMs, () => undefined);
      expect(nowMs - plant.nowMs).toBeLessThanOrEqual(DEFAULTS.shedProbeMsMax);
    }
  });

  test('forgets a query that ends, and what else is shed comes back all the same', () => {
    const plant = new Plant([query('a', 90), query('b', 95), query('c', 40)]);
    plant.run(10);
    const [gone] = plant.shedder.queries;
    plant.shedder.forget(gone!);
    expect(plant.shed).not.toContain(gone!.stage);
    plant.traffic = 0.1;
    plant.run(120);
    expect(plant.shed).toStrictEqual([]);
  });

  test('waits for the lag: one per cent too much takes its time to fall behind', () => {
    const plant = new Plant([query('a', 80), query('b', 21)]);
    plant.run(99);
    expect(plant.lagMs).toBeLessThan(DEFAULTS.shedLagMs);
    expect(plant.log).toStrictEqual([]);
    plant.run(10);
    expect(plant.log[0]).toBe('-a');
  });

  test('law: sheds only under overload, relieves it, and always ends', () => {
    const costs = fc.array(
      fc.record({ cost: fc.integer({ min: 1, max: 80 }), isStanding: fc.boolean() }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(costs, (made) => {
        const plant = new Plant(made.map((one, i) => query(`q${i}`, one.cost, one)));
        const isTooMuch = plant.load > 100;
        // Until the lag is there that counts as overload, and a minute more.
        plant.run(60 + (isTooMuch ? DEFAULTS.shedLagMs / lagGrowth(plant.load) : 0));
        if (!isTooMuch) expect(plant.log).toStrictEqual([]);
        // A single query that is too much is shed and tried; all others are kept up with.
        else expect(plant.log.length).toBeGreaterThan(0);
        const spared = plant.queries.filter((one) => !one.isStanding && !plant.shedder.isShed(one));
        const standingShed = plant.shedder.queries.some(({ isStanding }) => isStanding);
        if (standingShed) expect(spared.length).toBeLessThanOrEqual(1);
        plant.traffic = 0.05;
        plant.run(240);
        expect(plant.shed).toStrictEqual([]);
      }),
      lawParameters(100),
    );
  });
});
