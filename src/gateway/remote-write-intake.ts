/**
 * Prometheus' remote write, version 1 and 2, at `/api/v1/write`. A sender tries again after 429 and
 * 503 and after nothing else; version 2 is told how many of each it got rid of.
 *
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec/
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
import { EngineError } from '../core/errors.ts';
import type { IngestVerdict } from '../shard/messages.ts';
import { unpackSnappy } from '../translate/snappy.ts';
import { mediaType } from './intake.ts';
import type { Intake } from './intake.ts';
import { problem, problemHeaders } from './problem.ts';
import { busy, tooLarge } from './request-body.ts';

export const PROMETHEUS_STREAM = 'prometheus';

const VERSIONS: ReadonlyMap<string, 1 | 2> = new Map([
  ['', 1],
  ['prometheus.WriteRequest', 1],
  ['io.prometheus.write.v2.Request', 2],
]);
const PROTO = /;\s*proto\s*=\s*"?([\w.]+)"?/i;

export const REMOTE_WRITE_INTAKE: Intake = {
  request: ({ contentType }) => ({
    stream: PROMETHEUS_STREAM,
    format: { kind: 'remote-write', version: versionFrom(contentType) },
    timeField: 'time',
    slackMs: 'learned',
  }),
  decode: (body, encoding, { bytesMax, lease }) => {
    if (encoding.trim().toLowerCase() !== 'snappy') {
      const detail = 'Remote write has `Content-Encoding: snappy`.';
      return Promise.reject(new EngineError('ENGINE_BAD_MEDIA_TYPE', detail));
    }
    const unpacked = unpackSnappy(body, bytesMax);
    if (unpacked.ok) {
      if (lease.grow(unpacked.value.length)) return Promise.resolve(unpacked.value);
      return Promise.reject(busy());
    }
    if (unpacked.error === 'large') return Promise.reject(tooLarge(bytesMax));
    return Promise.reject(new EngineError('ENGINE_BAD_REQUEST', 'The body is no snappy block.'));
  },
  reply: (verdict, contentType) => {
    const { accepted, rejected, errors } = verdict;
    const written = versionFrom(contentType) === 2 ? writtenHeaders(verdict) : {};
    if (rejected === 0) return { status: 204, headers: written, body: '' };
    const detail = errors[0]?.message ?? 'Some samples were refused.';
    const document = problem('ENGINE_BAD_EVENTS', detail, { accepted, rejected });
    const headers = { ...problemHeaders(document), ...written };
    return { status: document.status, headers, body: JSON.stringify(document) };
  },
};

/** @throws EngineError ENGINE_BAD_MEDIA_TYPE */
function versionFrom(contentType: string): 1 | 2 {
  const isProtobuf = mediaType(contentType) === 'application/x-protobuf';
  const version = isProtobuf ? VERSIONS.get(PROTO.exec(contentType)?.[1] ?? '') : undefined;
  if (version !== undefined) return version;
  const names = [...VERSIONS.keys()].filter((name) => name !== '');
  const detail = `Remote write is application/x-protobuf, with proto one of ${names.join(', ')}.`;
  throw new EngineError('ENGINE_BAD_MEDIA_TYPE', detail);
}

/** Nothing was, of a body that could not be read. */
function writtenHeaders({ kinds = NOTHING }: IngestVerdict): Record<string, string> {
  return {
    'X-Prometheus-Remote-Write-Samples-Written': String(kinds.samples),
    'X-Prometheus-Remote-Write-Histograms-Written': String(kinds.histograms),
    'X-Prometheus-Remote-Write-Exemplars-Written': String(kinds.exemplars),
  };
}

const NOTHING = { samples: 0, histograms: 0, exemplars: 0 };
