/** Two hundred agents in a few processes: engines that are killed under them, and the ledger. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LedgerView } from '../../src/coordinator/views.ts';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { firstOf, readEvents } from '../support/result-reader.ts';

const PROCESSES = 2;
const AGENTS = 200;
const PATIENCE_MS = 60_000;
const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'test/support/fleet-program.ts');
const COUNTED = 'select count(*) as n from beats where even window 500ms';

const fleet: ChildProcess[] = [];

afterEach(async () => {
  for (const part of fleet.splice(0)) part.kill('SIGKILL');
  await endAll();
});

function startFleet(url: string): void {
  for (let i = 0; i < PROCESSES; i++) {
    const args = [url, String(AGENTS / PROCESSES)];
    fleet.push(fork(PROGRAM, args, { cwd: ROOT, execArgv: ['--import', 'tsx'] }));
  }
}

/** A window that all agents reported in. */
async function heardFromAll(engine: EngineProcess): Promise<void> {
  const reader = await readEvents(engine.url, COUNTED);
  const { completeness } = await firstOf(
    reader,
    'rows',
    ({ completeness: { agents, events } }) => agents.reporting === AGENTS && events.matched > 0,
    PATIENCE_MS,
  );
  expect(completeness.agents).toMatchObject({ expected: AGENTS, reporting: AGENTS, missing: [] });
  reader.close();
}

async function ledgerOf(engine: EngineProcess): Promise<LedgerView> {
  return (await engine.get('/api/v1/ledger')) as LedgerView;
}

function told({ agents }: LedgerView): number {
  const lost = Object.values(agents.dropped).reduce((sum, events) => sum + events, 0);
  return agents.filtered + agents.sampledOut + agents.aggregated + agents.sent + lost;
}

test(
  'a fleet outlives engines that are killed, is whole after each, and every event is accounted for',
  async () => {
    const engine = await startEngine({ settings: { leaseMs: 5_000, closeWaitMs: 3_000 } });
    startFleet(engine.ingestUrl);
    await heardFromAll(engine);
    for (let restart = 0; restart < 2; restart++) {
      process.kill(engine.enginePid(), 'SIGKILL');
      await until(
        async () => {
          const status = await engine.get('/api/v1/status').catch(() => null);
          return status !== null && (await ledgerOf(engine)).agents.offered > 0;
        },
        'the next engine is there and hears of its agents',
        PATIENCE_MS,
      );
      await heardFromAll(engine);
    }
    for (const part of fleet) {
      part.send('stop');
      await once(part, 'message');
    }
    const ledger = await until(
      async () => {
        const now = await ledgerOf(engine);
        return now.closes && now.agents.offered === told(now) ? now : null;
      },
      'every event that was offered is accounted for',
      PATIENCE_MS,
    );
    expect(ledger.agents.offered).toBeGreaterThan(AGENTS);
    expect(ledger.engine.received).toBeGreaterThan(0);
  },
  4 * PATIENCE_MS,
);
