/**
 * What alert rules cost: 5,000 rules of 20 alerts each, windows of one second, on one thread. The
 * windows are made beforehand; what is measured is all that the alert engine does with them. Busy
 * is the share of a core (processor time, garbage collection included) that it takes when a window
 * of each rule closes every second.
 */
import { AlertEngine } from '../src/alert/alert-engine.ts';
import { ruleFrom } from '../src/alert/rule-from-text.ts';
import { NOTHING_SAVED } from '../src/alert/rule-scope.ts';
import type { ValueObject } from '../src/model/value.ts';
import { planQuery } from '../src/plan/plan-query.ts';
import type { Completeness } from '../src/wire/results.ts';
import { figure, held } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';

const RULES = 5_000;
const KEYS = 20;
const WARM_WINDOWS = 5;
const QUICK_WINDOWS = 10;
const FULL_WINDOWS = 60;
/** The promise: a tenth of a core. */
const BUSY_MAX = 0.1;
const START_MS = 1_700_000_000_000;

const COMPLETE: Completeness = {
  status: 'complete',
  reasons: [],
  agents: { expected: 3, reporting: 3, missing: [] },
  events: { seen: 1_000, matched: 1_000, late: 0, dropped: {} },
  sampleFactor: 1,
  coveredMs: 1_000,
  traffic: 'flowing',
  source: 'live',
  engine: 'current',
  watermark: 0,
  emittedAt: 0,
};

// oxlint-disable-next-line require-await -- as all benches
export async function alertBench({ quick }: BenchContext): Promise<BenchCase[]> {
  const windows = quick ? QUICK_WINDOWS : FULL_WINDOWS;
  const healthy = run(windows, () => false);
  // Every alert of every tenth rule changes its state with every window.
  const storm = run(windows, (rule, window) => rule % 10 === 0 && window % 2 === 0);
  const busy = figure('all is well', 'busy', healthy.busy, 'cores');
  return [
    held(busy, '<=', BUSY_MAX),
    figure('all is well', 'an alert', healthy.nsPerAlert, 'ns'),
    figure('a storm', 'transitions', storm.transitions, '1/s'),
    figure('a storm', 'busy', storm.busy, 'cores'),
  ];
}

function run(
  windows: number,
  isBad: (rule: number, window: number) => boolean,
): { busy: number; nsPerAlert: number; transitions: number } {
  const engine = rulesOf();
  const well = Array.from({ length: RULES }, () => rowsOf(100));
  const bad = Array.from({ length: RULES }, () => rowsOf(1));
  let spentMs = 0;
  let transitions = 0;
  for (let window = 0; window < WARM_WINDOWS + windows; window++) {
    const endMs = START_MS + window * 1_000;
    const isWarm = window >= WARM_WINDOWS;
    const before = process.cpuUsage();
    for (let rule = 0; rule < RULES; rule++) {
      const told = {
        ...{ startMs: endMs - 1_000, endMs, revision: 0, provisional: false },
        rows: (isBad(rule, window) ? bad : well)[rule]!,
        completeness: COMPLETE,
      };
      const effect = { type: 'window', listeners: [`rule-${rule}`], window: told } as const;
      engine.hear({ ...effect, quiet: new Set() }, endMs + 60);
    }
    engine.tick(endMs + 60);
    const batch = engine.take();
    if (!isWarm) continue;
    const { user, system } = process.cpuUsage(before);
    spentMs += (user + system) / 1_000;
    transitions += batch.transitions.length;
  }
  return {
    busy: spentMs / windows / 1_000,
    nsPerAlert: (spentMs * 1e6) / (windows * RULES * KEYS),
    transitions: transitions / windows,
  };
}

function rulesOf(): AlertEngine {
  const query = 'select count(*) as n from plays window 1s group by region';
  const planned = planQuery(query, { mode: 'live' });
  const engine = new AlertEngine({
    limits: { keysMax: 10_000, trailWindows: 30 },
    scope: { plan: () => planned, saved: NOTHING_SAVED },
  });
  const rules = Array.from({ length: RULES }, (_, i) => ({
    rule: ruleFrom({ name: `rule-${i}`, query, when: 'n < 10', flap: 'ignore' }),
    version: 1,
  }));
  engine.setRules(rules, START_MS);
  engine.take();
  return engine;
}

/** As the merge stage hands them over: objects of their own. */
function rowsOf(n: number): ValueObject[] {
  return Array.from({ length: KEYS }, (_, i) => ({
    window_start: 0,
    window_end: 0,
    region: `region-${i}`,
    n,
  }));
}
