/**
 * Events over HTTP on the ingest port of a real engine: either transport, tokens, foreign pages.
 */
import { afterEach, expect, test } from 'vitest';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import { callPort } from '../support/gateway-harness.ts';
import type { Answer } from '../support/gateway-harness.ts';

afterEach(endAll);

const TRANSPORTS = [
  ['ws', '1'],
  ['ws', '2'],
  ['auto', '1'],
  ['auto', '2'],
] as const;
const PATH = '/api/v1/streams/mine/events';
const NDJSON = { 'Content-Type': 'application/x-ndjson' };

function send(
  port: number,
  headers: object,
  path = PATH,
  body = '{"a":1}\noops\n',
): Promise<Answer> {
  return callPort(port, { method: 'POST', path, headers: { ...NDJSON, ...headers }, body });
}

test.each(TRANSPORTS)('over %s with %s shards', async (transport, shards) => {
  const flags = ['--transport', transport, '--shards', shards];
  const engine = await startEngine({ flags });
  const answer = await send(engine.ingestPort, {});
  expect(answer).toMatchObject({ status: 200, json: { accepted: 1, rejected: 1 } });
  expect(answer.json['errors']).toMatchObject([{ line: 2 }]);
  expect((await send(engine.ingestPort, { Host: 'evil.example' })).status).toBe(403);
  expect((await send(engine.ingestPort, { Origin: 'http://evil.example' })).status).toBe(403);
  expect((await send(engine.ingestPort, { 'Content-Type': 'text/plain' })).status).toBe(415);
  expect((await send(engine.ingestPort, {}, '/api/v1/streams/squilla.x/events')).status).toBe(400);
  expect((await send(engine.ingestPort, {}, '/api/v1/query/check')).status).toBe(404);
  expect((await callPort(engine.ingestPort, { path: PATH })).status).toBe(405);
  const ledger = await until(
    async () => {
      const page = (await engine.get('/api/v1/ledger')) as {
        readonly closes: boolean;
        readonly streams: Readonly<Record<string, { readonly received: number }>>;
      };
      return (page.streams['mine']?.received ?? 0) >= 2 ? page : null;
    },
    'both lines in the ledger',
    20_000,
  );
  expect(ledger.closes).toBe(true);
  expect(ledger.streams['mine']).toMatchObject({
    ...{ received: 2, evaluated: 1, dropped: { malformed: 1 } },
  });
});

test.each(['ws', 'auto'])('tokens over %s', async (transport) => {
  const engine = await startEngine({
    flags: ['--transport', transport],
    yaml: `requireToken: true
tokens:
  - { name: reads, token: reads-and-nothing-else, scopes: [read] }
  - { name: sends, token: sends-one-stream-only, scopes: [ingest], streams: [mine] }
`,
  });
  const as = (token: string, path = PATH): Promise<Answer> =>
    send(engine.ingestPort, { Authorization: `Bearer ${token}` }, path, '{"a":1}');
  expect((await send(engine.ingestPort, {})).status).toBe(401);
  expect((await as('nobody-knows-this-one')).status).toBe(401);
  expect((await as('reads-and-nothing-else')).status).toBe(403);
  expect((await as('sends-one-stream-only')).status).toBe(200);
  expect((await as('sends-one-stream-only', PATH.replace('mine', 'other'))).status).toBe(403);
});
