/** Bodies of more events, or more objects, than one body may have: what is taken, and the books. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import type { IngestRequest, IngestVerdict } from '../../../src/shard/messages.ts';
import { Shard } from '../../../src/shard/shard.ts';
import { ProtobufWriter } from '../../support/protobuf-writer.ts';

const NOW_MS = 1_700_000_000_000;
const CONFIG = configWith({ bodyEventsMax: 3, bodyPartsMax: 20 });

interface Outcome {
  readonly verdict: Pick<IngestVerdict, 'accepted' | 'rejected' | 'errors'>;
  readonly page: { readonly received: number; readonly evaluated: number };
}

/** What the sender hears of a body, and what the ledger then says. */
function outcomeOf(format: IngestRequest['format'], body: Uint8Array | string): Outcome {
  const authorize = (): { mayIngest: () => boolean } => ({ mayIngest: () => true });
  const shard = new Shard({ shard: 0, config: CONFIG, nowMs: NOW_MS, authorize });
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const request = { type: 'ingest', request: 1, stream: 's', timeField: null, slackMs: 0 } as const;
  const outcome: { verdict?: unknown; page?: unknown } = {};
  const effects = shard.handle({ ...request, format, body: bytes }, NOW_MS);
  for (const effect of [...effects, ...shard.flush()]) {
    if (effect.type !== 'to-coordinator') continue;
    const { message } = effect;
    if (message.type === 'ingested') outcome.verdict = message;
    if (message.type === 'agent-report') outcome.page = message.streams[0];
  }
  return outcome as Outcome;
}

const bytes = (field: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const writer = new ProtobufWriter();
  for (const part of parts) writer.bytes(field, part);
  return writer.done();
};
const empties = (count: number): Uint8Array[] => Array.from({ length: count }, () => bytes(1));
const logs = (count: number): Uint8Array => bytes(1, bytes(2, bytes(2, ...empties(count))));
const points = (count: number): Uint8Array =>
  bytes(1, bytes(2, bytes(2, bytes(5, bytes(1, ...empties(count))))));
const samples = (count: number): Uint8Array => bytes(1, bytes(2, ...empties(count)));
const json = (count: number): string =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${Array(count).fill('{}').join()}]}]}]}`;

const OTLP = { kind: 'otlp', encoding: 'protobuf' } as const;
const LOGS = { ...OTLP, signal: 'logs' } as const;

describe('events beyond what one body may have are refused and counted, and the others taken', () => {
  test.each<readonly [string, IngestRequest['format'], string | Uint8Array]>([
    ['lines', 'ndjson', '{}\n{}\n\n{}\n{}\r\n\r\n{}'],
    ['elements of a list', 'json', '[{},{},{},{},{}]'],
    ['log records', LOGS, logs(5)],
    ['log records as JSON', { ...LOGS, encoding: 'json' }, json(5)],
    ['spans', { ...OTLP, signal: 'traces' }, logs(5)],
    ['data points', { ...OTLP, signal: 'metrics' }, points(5)],
    ['samples', { kind: 'remote-write', version: 1 }, samples(5)],
  ])('%s', (_what, format, body) => {
    const { verdict, page } = outcomeOf(format, body);
    const message = 'more than 3 events in one body: the last 2 were not taken';
    expect(verdict).toMatchObject({ accepted: 3, rejected: 2, errors: [{ line: 4, message }] });
    expect(page).toMatchObject({ received: 5, evaluated: 3, dropped: { oversize: 2 } });
  });

  test('bad lines count as well, and are told of one by one', () => {
    const { verdict, page } = outcomeOf('ndjson', 'x\n{}\n7\n{}\n{}');
    expect(verdict).toMatchObject({ accepted: 1, rejected: 4 });
    expect(verdict.errors.map(({ line }) => line)).toStrictEqual([4, 1, 3]);
    expect(page).toMatchObject({ received: 5, dropped: { malformed: 2, oversize: 2 } });
  });
});

describe('a body of more parts than one body may have is refused before it becomes objects', () => {
  test.each<readonly [string, IngestRequest['format'], string | Uint8Array]>([
    ['empty objects', 'json', `[${'{},'.repeat(30)}{}]`],
    ['lists', 'json', `${'['.repeat(25)}${']'.repeat(25)}`],
    ['records', LOGS, logs(30)],
    ['resources', LOGS, bytes(1, ...empties(30))],
    ['records as JSON', { ...LOGS, encoding: 'json' }, json(30)],
    ['series', { kind: 'remote-write', version: 2 }, bytes(5, ...empties(30))],
  ])('%s', (_what, format, body) => {
    const { verdict, page } = outcomeOf(format, body);
    const message = expect.stringMatching(/^more than 20 parts .*`bodyPartsMax`$/);
    expect(verdict).toMatchObject({ accepted: 0, rejected: 1, errors: [{ message }] });
    expect(page).toMatchObject({ received: 1, evaluated: 0, dropped: { malformed: 1 } });
  });

  test('brackets in texts are none', () => {
    const text = `[{"a":"${'{['.repeat(40)}\\"[{","b":"\\\\"},{}]`;
    expect(outcomeOf('json', text).verdict).toMatchObject({ accepted: 2, rejected: 0 });
  });
});

test('a sender of remote write is told exactly what was taken, of each kind', () => {
  const sample = new ProtobufWriter().double(1, 1).varint(2, 5n).done();
  const histogram = new ProtobufWriter().varint(1, 6n).varint(15, 5n).done();
  const exemplar = new ProtobufWriter().varints(1, [0n, 0n]).double(2, 1).done();
  const series = (field: number, ...of: readonly Uint8Array[]): Uint8Array => {
    const writer = new ProtobufWriter().varints(1, [1n, 2n]);
    for (const one of of) writer.bytes(field, one);
    return writer.bytes(4, exemplar).done();
  };
  const body = new ProtobufWriter().text(4, '').text(4, 'a').text(4, 'b');
  body.bytes(5, series(3, histogram, histogram)).bytes(5, series(2, sample, sample, sample));
  const { verdict } = outcomeOf({ kind: 'remote-write', version: 2 }, body.done());
  const kinds = { samples: 1, histograms: 2, exemplars: 2 };
  expect(verdict).toMatchObject({ accepted: 3, rejected: 2, kinds });
});
