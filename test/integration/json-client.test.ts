/** The JSON form of the protocol, and docs/examples/squilla.py, a whole client of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { endAll, start, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess, RunningProcess } from '../support/engine-process.ts';
import { firstOf, readEvents, windowsOf } from '../support/result-reader.ts';

const FOLDER = join(import.meta.dirname, '../../docs/examples');

/** Publishes 1, 2, 3 … and prints which of them left; ends by itself when the engine is gone. */
const PUBLISHER = `
import sys, time
from squilla import Agent
agent = Agent(sys.argv[1], ["jobs"], sys.argv[2] or None)
n = 0
while not agent.closed:
    n += 1
    if agent.publish("jobs", {"n": n, "text": "é" * n}):
        print(n, flush=True)
    time.sleep(0.002)
`;

afterAll(endAll);

function publisher(engine: EngineProcess, token = ''): RunningProcess {
  const env = { PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: '1' };
  return start('python3', ['-c', PUBLISHER, engine.ingestUrl, token], env);
}

async function streamNames(engine: EngineProcess): Promise<readonly string[]> {
  const { streams } = (await engine.get('/api/v1/streams')) as { streams: { name: string }[] };
  return streams.map(({ name }) => name);
}

describe('the Python client', () => {
  test('has at most sixty lines and no library', () => {
    const text = readFileSync(join(FOLDER, 'squilla.py'), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(text.match(/^(?:import|from) .*$/gm)).toEqual([
      'import base64, hashlib, json, os, socket, ssl, struct, threading',
      'from urllib.parse import urlsplit',
    ]);
  });

  test('sends nothing until somebody asks, then all, and stops when nobody does', async () => {
    const engine = await startEngine({ settings: { lingerMs: 0 } });
    const client = publisher(engine);
    await until(async () => (await streamNames(engine)).includes('jobs'), 'the stream is offered');
    expect(client.out()).toBe('');
    const reader = await readEvents(engine.url, 'select n, text from jobs');
    const rows = () => windowsOf(reader).flatMap(({ rows }) => rows);
    // Texts of more than 125 and more than 65,535 bytes need other frames.
    await until(() => rows().length > 80, 'events come');
    reader.close();
    const got = rows().map((row) => row['n'] as number);
    await until(() => client.out().includes(`\n${got.at(-1)}\n`), 'the client says what it sent');
    await until(async () => {
      const before = client.out();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return client.out() === before;
    }, 'the client falls silent');
    const sent = client.out().trim().split('\n').map(Number);
    expect(got).toEqual(sent.slice(0, got.length));
    expect(rows()[0]?.['text']).toBe('é'.repeat(got[0] ?? 0));
    await engine.stop();
    expect(await client.exited).toBe(0);
  });

  test('shows its token, and is sent away with a wrong one', async () => {
    const yaml = [
      'requireToken: true',
      'tokens:',
      '  - { name: jobs, token: a-token-for-jobs-0123, scopes: [ingest], streams: [jobs] }',
      '  - { name: reader, token: a-token-to-read-0123, scopes: [read] }\n',
    ].join('\n');
    const engine = await startEngine({ yaml });
    const wrong = publisher(engine, 'not-a-token-at-all-0123');
    expect(await wrong.exited).toBe(0);
    publisher(engine, 'a-token-for-jobs-0123');
    await until(async () => {
      const response = await fetch(`${engine.url}/api/v1/streams`, {
        headers: { authorization: 'Bearer a-token-to-read-0123' },
      });
      return (await response.text()).includes('"jobs"');
    }, 'the stream is offered');
  });
});

describe('a program that speaks JSON', () => {
  test('is told what is asked for, and what it lost makes results incomplete', async () => {
    const engine = await startEngine({ settings: { lingerMs: 0 } });
    const socket = new WebSocket(engine.ingestUrl);
    const heard: unknown[] = [];
    socket.on('message', (data) => heard.push(JSON.parse((data as Buffer).toString())));
    await new Promise((resolve) => socket.once('open', resolve));
    const say = (message: object): void => socket.send(JSON.stringify(message));
    say({ watch: ['tasks'] });
    await until(() => heard.length === 1, 'it is answered');
    const reader = await readEvents(engine.url, 'select count(*) as n from tasks window 200ms');
    await until(() => heard.length === 2, 'it is told');
    expect(heard).toEqual([{ active: [] }, { active: ['tasks'] }]);
    say({ stream: 'tasks', events: [{ n: 1 }], lost: 5 });
    const told = await firstOf(reader, 'rows', ({ completeness }) => {
      return (completeness.events.dropped['queue'] ?? 0) > 0;
    });
    expect(told.completeness.status).toBe('degraded');
    expect(told.completeness.events.dropped).toEqual({ queue: 5 });
    reader.close();
    await until(() => heard.length === 4, 'it is told again');
    expect(heard.slice(2)).toEqual([{ accepted: 1, errors: [] }, { active: [] }]);
    const { agents } = (await engine.get('/api/v1/ledger')) as { agents: object };
    expect(agents).toMatchObject({ offered: 6, sent: 1, dropped: { queue: 5 } });
    socket.terminate();
    await engine.stop();
  });
});
