/** `squilla up --demo`: a service that lives, breaks on demand and is well again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RowsMessage } from '../../src/wire/results.ts';
import { endAll, squilla, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { readEvents, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

const REGIONS = ['ap-south', 'eu-west', 'us-east', 'us-west'];

let engine: EngineProcess;
let plays: ResultReader;

beforeAll(async () => {
  engine = await startEngine({ flags: ['--demo'] });
  plays = await readEvents(
    engine.url,
    'select region, count(*) as n from plays window 500ms group by region',
  );
});

afterAll(async () => {
  plays.close();
  await endAll();
});

function playsOf(window: RowsMessage, region: string): number | null {
  const row = window.rows.find((candidate) => candidate['region'] === region);
  return row === undefined ? null : Number(row['n']);
}

/** The first window that fits among those that end from now on. */
async function nextWindow(
  what: string,
  fits: (window: RowsMessage) => boolean,
): Promise<RowsMessage> {
  const from = windowsOf(plays).length;
  return until(() => windowsOf(plays).slice(from).find(fits), what, 15_000);
}

function allPlay(window: RowsMessage): boolean {
  const isWell = window.completeness.status === 'complete';
  return isWell && REGIONS.every((region) => (playsOf(window, region) ?? 0) > 0);
}

async function demo(...args: readonly string[]): Promise<void> {
  const { code, err } = await squilla(['demo', ...args, '--url', engine.url]);
  expect(err).toBe('');
  expect(code).toBe(0);
}

describe('the demo', () => {
  test('plays in all regions, and reports this machine', async () => {
    await nextWindow('plays in all regions', allPlay);
    const { streams } = (await engine.get('/api/v1/streams')) as { streams: { name: string }[] };
    const names = streams.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['host.cpu', 'plays', 'playback_errors', 'requests']),
    );
  });

  test('an outage is a fall that can be trusted, and heals', async () => {
    const before = playsOf(await nextWindow('plays in all regions', allPlay), 'eu-west') ?? 0;
    await demo('break', '--region', 'eu-west', '--kind', 'outage');
    const low = await nextWindow('hardly any plays in eu-west', (window) => {
      const n = playsOf(window, 'eu-west');
      return n !== null && n < before / 4;
    });
    expect(low.completeness).toMatchObject({ source: 'live', status: 'complete' });
    expect(playsOf(low, 'us-east')).toBeGreaterThan(0);
    await demo('heal');
    await nextWindow('plays in all regions again', allPlay);
  });

  test('dead agents are not taken for a quiet region', async () => {
    await nextWindow('plays in all regions', allPlay);
    await demo('break', '--region', 'eu-west', '--kind', 'agents-die');
    const low = await nextWindow('agents are missing', ({ completeness }) =>
      completeness.reasons.includes('agents-missing'),
    );
    expect(low.completeness).toMatchObject({ source: 'partly', status: 'degraded' });
    expect(low.completeness.agents.missing.length).toBeGreaterThan(0);
    await demo('heal');
    await nextWindow('plays in all regions again', allPlay);
  });

  test('says what is wrong with a command', async () => {
    const { code, err } = await squilla([
      ...['demo', 'break', '--region', 'moon', '--url', engine.url],
    ]);
    expect(code).toBe(1);
    expect(err).toMatch(/region.*eu-west/);
  });

  test('ends with its engine', async () => {
    expect(await engine.stop()).toBe(0);
    await until(() => plays.ended(), 'the stream of results ends');
  });
});
