/** The agents that the command line runs, against a real engine: this machine, files, input. */
import { appendFileSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentView } from '../../src/coordinator/views.ts';
import {
  endAll,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess, RunningProcess } from '../support/engine-process.ts';
import { firstOf, readEvents, total, windowsOf } from '../support/result-reader.ts';
import type { ResultReader } from '../support/result-reader.ts';

let engine: EngineProcess;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(endAll);

function startAgent(...args: readonly string[]): RunningProcess {
  return startSquilla('agent', ...args, '--url', engine.ingestUrl);
}

async function streamNames(): Promise<readonly string[]> {
  const { streams } = (await engine.get('/api/v1/streams')) as { streams: { name: string }[] };
  return streams.map(({ name }) => name);
}

/** A reader of all events of the stream, once the agent that offers it evaluates the query. */
async function reading(stream: string): Promise<ResultReader> {
  await until(async () => (await streamNames()).includes(stream), `${stream} is offered`);
  const reader = await readEvents(engine.url, `select * from ${stream}`);
  // Plans reach the agent in order, so it has the first query when it reports on the second.
  const counted = await readEvents(engine.url, `select count(*) as n from ${stream} window 100ms`);
  await firstOf(counted, 'rows', ({ completeness }) => completeness.agents.reporting > 0);
  counted.close();
  return reader;
}

function fieldOf(reader: ResultReader, name: string): unknown[] {
  return windowsOf(reader).flatMap(({ rows }) => rows.map((row) => row[name]));
}

describe('agent host', () => {
  test('says what queries cost it, and whether there are any', async () => {
    startAgent('host', '--every', '200ms');
    const find = async (): Promise<AgentView | undefined> => {
      const { agents } = (await engine.get('/api/v1/agents')) as { agents: readonly AgentView[] };
      return agents.find(({ service, state }) => service === 'host' && state === 'live');
    };
    const calm = await until(async () => (await find())?.queries === 0, 'nobody asks it').then(
      find,
    );
    expect(calm).toMatchObject({ offered: 0, sent: 0 });
    const reader = await reading('host.cpu');
    const asked = await until(async () => {
      const agent = await find();
      return (agent?.cpuPercent ?? 0) > 0 && (agent?.queries ?? 0) > 0 ? agent : null;
    }, 'it says what it spends');
    expect(asked.cpuPercent).toBeLessThanOrEqual(100);
    expect(asked.offered).toBeGreaterThan(0);
    reader.close();
  });

  test('offers this machine as streams, which answer', async () => {
    startAgent('host', '--every', '200ms');
    const names = ['host.cpu', 'host.disk', 'host.memory', 'host.network', 'host.process'];
    await until(async () => {
      const offered = await streamNames();
      return names.every((name) => offered.includes(name));
    }, 'all streams are offered');
    for (const name of names) {
      const reader = await readEvents(engine.url, `select * from ${name}`);
      const { rows } = await firstOf(reader, 'rows');
      expect(Object.keys(rows[0] ?? {}).length).toBeGreaterThan(1);
      reader.close();
    }
  });
});

describe('agent tail', () => {
  test('follows a file through rotation and truncation, each line once', async () => {
    const file = join(temporaryFolder(), 'app.log');
    writeFileSync(file, '{"i":-1}\n');
    const agent = startAgent('tail', file, '--stream', 'tailed', '--format', 'json');
    const reader = await tailing(reading('tailed'), file);
    const seen = (): unknown[] => fieldOf(reader, 'i').filter((i) => (i as number) > 0);
    await until(() => seen().includes(1), 'a line that was appended');

    renameSync(file, `${file}.1`);
    writeFileSync(file, '{"i":2}\n');
    await until(() => seen().includes(2), 'a line of the new file');
    truncateSync(file);
    await until(() => agent.err().includes('truncat'), 'the truncation is noticed');
    appendFileSync(file, '{"i":3}\n{"i":4}');
    await until(() => seen().includes(3), 'a line after the truncation');
    appendFileSync(file, '\n');
    await until(() => seen().includes(4), 'a line that came in two pieces');
    expect(seen()).toStrictEqual([1, 2, 3, 4]);
    reader.close();
  });

  /** Appends the first line once the query is in force. */
  async function tailing(opened: Promise<ResultReader>, file: string): Promise<ResultReader> {
    const reader = await opened;
    appendFileSync(file, '{"i":1}\n');
    return reader;
  }

  test('says what is wrong with its options, and exits with 2', async () => {
    const agent = startAgent('tail', 'a.log', '--format', 'regex');
    expect(await agent.exited).toBe(2);
    expect(agent.err()).toMatch(/pattern/);
  });

  test('says bye at Ctrl-C, so that nobody is missed', async () => {
    const file = join(temporaryFolder(), 'quiet.log');
    writeFileSync(file, '');
    const agent = startAgent('tail', file, '--stream', 'quiet', '--format', 'json');
    const reader = await readEvents(engine.url, 'select count(*) as n from quiet window 250ms');
    await firstOf(reader, 'rows', ({ completeness }) => completeness.agents.reporting === 1);
    agent.child.kill('SIGINT');
    expect(await agent.exited).toBe(0);
    const gone = await firstOf(reader, 'rows', (message) => {
      const { agents } = message.completeness;
      return agents.expected === 0 && (message.windowEnd ?? 0) > (windowEndOf(reader) ?? 0);
    });
    expect(gone.completeness.reasons).not.toContain('agents-missing');
    reader.close();
  });

  /** End of the first window that the agent reported in. */
  function windowEndOf(reader: ResultReader): number | null {
    const first = windowsOf(reader).find(({ completeness }) => completeness.agents.reporting === 1);
    return first?.windowEnd ?? null;
  }
});

describe('agent stdin', () => {
  test('goes to another engine when the first is away, and leaves nothing in its spool', async () => {
    const spool = join(temporaryFolder(), 'spool');
    const flags = ['--stream', 'elsewhere', '--spool', spool, '--when-full', 'drop-newest'];
    const away = ['--url', 'ws://127.0.0.1:9', '--also', engine.ingestUrl];
    const agent = startSquilla('agent', 'stdin', ...flags, ...away);
    await until(async () => (await streamNames()).includes('elsewhere'), 'the stream is offered');
    agent.child.stdin?.end('{"n":1}\n');
    expect(await agent.exited).toBe(0);
    expect(readdirSync(spool)).toStrictEqual([]);
  });

  test('counts every line of its input, and ends with it', async () => {
    const agent = startAgent('stdin', '--stream', 'piped', '--format', 'logfmt');
    const mql = 'select count(*) as n, sum(ms) as total from piped window 250ms';
    await until(async () => (await streamNames()).includes('piped'), 'the stream is offered');
    const reader = await readEvents(engine.url, mql);
    await firstOf(reader, 'rows', ({ completeness }) => completeness.agents.reporting === 1);
    const lines = Array.from({ length: 200 }, (_none, i) => `level=info ms=${i}\n`);
    agent.child.stdin?.end(lines.join(''));
    expect(await agent.exited).toBe(0);
    await until(() => total(windowsOf(reader), 'n') >= 200, 'all lines are counted');
    expect(total(windowsOf(reader), 'n')).toBe(200);
    expect(total(windowsOf(reader), 'total')).toBe((199 * 200) / 2);
    reader.close();
  });
});
