/** Remote write over HTTP as its specifications have it: versions, packing, answers, retries. */
import { afterEach, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import type { IngestVerdict } from '../../src/shard/messages.ts';
import { startHarness } from '../support/gateway-harness.ts';
import type { Answer, GatewayHarness, HarnessOptions } from '../support/gateway-harness.ts';
import { packedLiteral, varint } from '../support/snappy.ts';

const V1 = 'application/x-protobuf';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';
const BODY = Buffer.from('of a request');

let gateway: GatewayHarness;
let verdict: Omit<IngestVerdict, 'type' | 'request'>;

afterEach(() => gateway.close());

async function begin(options: HarnessOptions = {}): Promise<void> {
  gateway = await startHarness(options);
  verdict = {
    accepted: 3,
    rejected: 0,
    errors: [],
    kinds: { samples: 2, histograms: 1, exemplars: 4 },
  };
  gateway.engine.ingest = (body) => {
    gateway.engine.bodies.push(body);
    return Promise.resolve({ type: 'ingested', request: 0, ...verdict });
  };
}

function write(type: string, body: Uint8Array, encoding = 'snappy'): Promise<Answer> {
  const headers = { 'Content-Type': type, 'Content-Encoding': encoding };
  return gateway.call({ method: 'POST', path: '/api/v1/write', headers, body });
}

test.each([
  [V1, 1],
  ['application/x-protobuf;proto=prometheus.WriteRequest', 1],
  [V2, 2],
  ['application/x-protobuf; proto="io.prometheus.write.v2.Request"', 2],
])('%s is version %i', async (type, version) => {
  await begin();
  const answer = await write(type, packedLiteral(BODY));
  expect(answer).toMatchObject({ status: 204, text: '' });
  const [body] = gateway.engine.bodies;
  expect(body).toMatchObject({ stream: 'prometheus', timeField: 'time', slackMs: 'learned' });
  expect(body?.format).toStrictEqual({ kind: 'remote-write', version });
  expect(Buffer.from(body?.body ?? [])).toStrictEqual(BODY);
});

test('version 2 is told what was written, version 1 is not', async () => {
  await begin();
  const second = await write(V2, packedLiteral(BODY));
  expect(second.headers).toMatchObject({
    'x-prometheus-remote-write-samples-written': '2',
    'x-prometheus-remote-write-histograms-written': '1',
    'x-prometheus-remote-write-exemplars-written': '4',
  });
  const first = await write(V1, packedLiteral(BODY));
  expect(first.headers).not.toHaveProperty('x-prometheus-remote-write-samples-written');
});

test('what was refused is not sent again, and the rest is told', async () => {
  await begin();
  const errors = [{ line: 2, message: 'a series refers to symbols that are not there' }];
  const kinds = { samples: 0, histograms: 1, exemplars: 0 };
  verdict = { accepted: 1, rejected: 2, errors, kinds };
  const answer = await write(V2, packedLiteral(BODY));
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ code: 'ENGINE_BAD_EVENTS', accepted: 1, rejected: 2 });
  expect(answer.headers).toMatchObject({
    'x-prometheus-remote-write-samples-written': '0',
    'x-prometheus-remote-write-histograms-written': '1',
  });
  expect(answer.headers).not.toHaveProperty('retry-after');
});

test.each([
  [
    'another protobuf',
    'application/x-protobuf;proto=io.prometheus.write.v3.Request',
    'snappy',
    415,
  ],
  ['what every object has', 'application/x-protobuf;proto=constructor', 'snappy', 415],
  ['no protobuf', 'application/json', 'snappy', 415],
  ['no packing', V1, '', 415],
  ['another packing', V1, 'gzip', 415],
])('%s is refused', async (_, type, encoding, status) => {
  await begin();
  expect((await write(type, packedLiteral(BODY), encoding)).status).toBe(status);
  expect(gateway.engine.bodies).toStrictEqual([]);
});

test.each([
  ['that is no snappy', Uint8Array.from([5, 1, 2]), 400],
  ['that says that it becomes large', Uint8Array.from([...varint(4_000_000_000), 0]), 413],
  ['that becomes larger than it may', packedLiteral(Buffer.alloc(2_000)), 413],
])('a body %s is refused', async (_, body, status) => {
  await begin({ settings: { bodyBytesMax: 1_024 } });
  expect((await write(V1, body)).status).toBe(status);
});

test('a busy engine says when to try again', async () => {
  await begin();
  gateway.engine.ingest = () => Promise.reject(new EngineError('ENGINE_BUSY', 'not now'));
  const answer = await write(V2, packedLiteral(BODY));
  expect(answer.status).toBe(429);
  expect(answer.headers['retry-after']).toBe('1');
});
