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

/** Samples and histograms that could be read and were too large count as not written. */
function writtenHeaders({ accepted, kinds }: IngestVerdict): Record<string, string> {
  const { samples, histograms, exemplars } = kinds ?? NOTHING;
  const refused = Math.max(0, samples + histograms - accepted);
  const written = {
    Samples: Math.max(0, samples - refused),
    Histograms: Math.max(0, histograms - Math.max(0, refused - samples)),
    Exemplars: exemplars,
  };
  return Object.fromEntries(
    Object.entries(written).map(([kind, count]) => [
      `X-Prometheus-Remote-Write-${kind}-Written`,
      String(count),
    ]),
  );
}

const NOTHING = { samples: 0, histograms: 0, exemplars: 0 };
