/** OTLP over HTTP as its specification has it: answers, refusals, retries, bounds and tokens. */
import { gzipSync } from 'node:zlib';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import { tokenDigest } from '../../src/gateway/tokens.ts';
import type { IngestVerdict } from '../../src/shard/messages.ts';
import { decodeMessage, one, shape } from '../../src/translate/protobuf-message.ts';
import { startHarness } from '../support/gateway-harness.ts';
import type { Answer, GatewayHarness, HarnessOptions } from '../support/gateway-harness.ts';

const NARROW = { depthMax: 4, partsMax: 100 };
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

let gateway: GatewayHarness;
let verdicts: (() => Omit<IngestVerdict, 'type' | 'request'>)[] = [];

afterEach(() => gateway.close());

async function begin(options: HarnessOptions = {}): Promise<void> {
  gateway = await startHarness(options);
  verdicts = [];
  gateway.engine.ingest = (body) => {
    gateway.engine.bodies.push(body);
    const next = verdicts.shift() ?? (() => ({ accepted: 1, rejected: 0, errors: [] }));
    try {
      return Promise.resolve({ type: 'ingested', request: 0, ...next() });
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

function post(
  path: string,
  type: string,
  body: string | Uint8Array,
  headers = {},
): Promise<Answer> {
  return gateway.call({
    method: 'POST',
    path,
    headers: { 'Content-Type': type, ...headers },
    body,
  });
}

function rejecting(
  accepted: number,
  rejected: number,
): () => Omit<IngestVerdict, 'type' | 'request'> {
  return () => ({ accepted, rejected, errors: [{ line: 1, message: 'too large' }] });
}

/** A Status, or the inside of a partial success. */
function decoded(text: string): unknown {
  const numbered = shape({ 1: one('one', 'unsigned'), 2: one('two', 'text') });
  const result = decodeMessage(Buffer.from(text, 'utf8'), numbered, NARROW);
  return result.ok ? result.value : result.error;
}

test.each([
  ['/v1/logs', 'otel.logs', 'logs'],
  ['/v1/metrics', 'otel.metrics', 'metrics'],
  ['/v1/traces', 'otel.spans', 'traces'],
])('%s is the stream %s', async (path, stream, signal) => {
  await begin();
  const answer = await post(path, PROTOBUF, gzipSync('body'), { 'Content-Encoding': 'gzip' });
  expect(answer).toMatchObject({ status: 200, text: '' });
  expect(answer.headers['content-type']).toBe(PROTOBUF);
  const [body] = gateway.engine.bodies;
  expect(body).toMatchObject({ stream, timeField: 'time', slackMs: 'learned' });
  expect(body?.format).toStrictEqual({ kind: 'otlp', signal, encoding: 'protobuf' });
  expect(Buffer.from(body?.body ?? []).toString()).toBe('body');
  const json = await post(path, `${JSON_TYPE}; charset=utf-8`, '{}');
  expect(json).toMatchObject({ status: 200, text: '{}' });
  expect(gateway.engine.bodies[1]?.format).toMatchObject({ encoding: 'json' });
});

test('what was rejected is a partial success', async () => {
  await begin();
  verdicts = [rejecting(5, 2), rejecting(5, 2)];
  const json = await post('/v1/traces', JSON_TYPE, '{}');
  expect(json.status).toBe(200);
  expect(json.json).toStrictEqual({
    partialSuccess: { rejectedSpans: '2', errorMessage: 'too large' },
  });
  const protobuf = await post('/v1/logs', PROTOBUF, 'x');
  expect(protobuf.status).toBe(200);
  const outer = shape({ 1: one('partial', 'text') });
  const partial = decodeMessage(Buffer.from(protobuf.text), outer, NARROW);
  expect(decoded(String(partial.ok && partial.value['partial']))).toStrictEqual({
    one: 2,
    two: 'too large',
  });
});

test('a body of which nothing can be taken is never sent again', async () => {
  await begin();
  verdicts = [rejecting(0, 1), rejecting(0, 1)];
  const json = await post('/v1/logs', JSON_TYPE, '{');
  expect(json.status).toBe(400);
  expect(json.json).toStrictEqual({ code: 3, message: 'ENGINE_BAD_EVENTS: too large' });
  expect(json.headers['retry-after']).toBeUndefined();
  const protobuf = await post('/v1/logs', PROTOBUF, '{');
  expect(protobuf.status).toBe(400);
  expect(decoded(protobuf.text)).toStrictEqual({ one: 3, two: 'ENGINE_BAD_EVENTS: too large' });
});

test.each([
  ['ENGINE_BUSY', 429, 8],
  ['ENGINE_STARTING', 503, 14],
  ['ENGINE_STOPPING', 503, 14],
] as const)('%s says when to try again', async (code, status, grpc) => {
  await begin();
  verdicts = [
    () => {
      throw new EngineError(code, 'not now');
    },
  ];
  const answer = await post('/v1/traces', JSON_TYPE, '{}');
  expect(answer).toMatchObject({ status, json: { code: grpc, message: `${code}: not now` } });
  expect(answer.headers).toMatchObject({ 'retry-after': '1', 'content-type': JSON_TYPE });
});

test('a body whose shard ended may be sent again', async () => {
  await begin();
  verdicts = [() => ({ ...rejecting(0, 1)(), isLost: true })];
  const answer = await post('/v1/traces', JSON_TYPE, '{}');
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
});

test.each([
  ['text/plain', '/v1/logs', 415],
  ['application/x-www-form-urlencoded', '/v1/logs', 415],
  [PROTOBUF, '/v1/profiles', 404],
])('%s at %s is %i', async (type, path, status) => {
  await begin();
  expect((await post(path, type, 'x')).status).toBe(status);
  expect(gateway.engine.bodies).toStrictEqual([]);
});

test('GET is not spoken', async () => {
  await begin();
  const answer = await gateway.call({ path: '/v1/logs' });
  expect(answer.status).toBe(405);
  expect(answer.headers['allow']).toBe('POST');
});

test('a small body that becomes large is refused', async () => {
  await begin({ settings: { bodyBytesMax: 1_024 } });
  const bomb = gzipSync(Buffer.alloc(100_000));
  const answer = await post('/v1/logs', PROTOBUF, bomb, { 'Content-Encoding': 'gzip' });
  expect(answer.status).toBe(413);
  expect(decoded(answer.text)).toMatchObject({ one: 8 });
});

test.each([
  ['nothing', {}, '/v1/logs', 401],
  ['a token that is not known', { Authorization: 'Bearer nobody' }, '/v1/logs', 401],
  ['a token without the scope', { Authorization: 'Bearer reads' }, '/v1/logs', 403],
  ['a token for other streams', { Authorization: 'Bearer logs' }, '/v1/traces', 403],
  ['a token for the stream', { Authorization: 'Bearer logs' }, '/v1/logs', 200],
])('with %s: %i', async (_, headers, path, status) => {
  await begin({
    needsToken: true,
    tokens: [
      { name: 'r', scopes: ['read'], streams: null, sha256: tokenDigest('reads') },
      { name: 'l', scopes: ['ingest'], streams: ['otel.logs'], sha256: tokenDigest('logs') },
    ],
  });
  expect((await post(path, JSON_TYPE, '{}', headers)).status).toBe(status);
});

test('the SDK tries again as it is told', async () => {
  await begin();
  verdicts = [
    () => {
      throw new EngineError('ENGINE_BUSY', 'not now');
    },
  ];
  const exporter = new OTLPTraceExporter({ url: `${gateway.url}/v1/traces` });
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.getTracer('app').startSpan('patient').end();
  await provider.shutdown();
  expect(gateway.engine.bodies.length).toBe(2);
  expect(gateway.engine.bodies[1]?.body).toStrictEqual(gateway.engine.bodies[0]?.body);
});
