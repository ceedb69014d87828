/**
 * One way of sending events over HTTP: what a request asks for, how its body is unpacked, and how
 * it is answered. `ingest-app.ts` does what all of them need.
 */
import type { Config } from '../config.ts';
import type { IngestVerdict } from '../shard/messages.ts';
import type { Problem } from '../wire/results.ts';
import type { BodyLease } from './body-budget.ts';
import type { IngestBody } from './engine-port.ts';
import { decodeBody } from './request-body.ts';

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What of a request says how its body is to be read. */
export interface IntakePost {
  /** From the path; empty if the path names none. */
  readonly stream: string;
  readonly search: URLSearchParams;
  /** Headers; a missing one is an empty text. */
  readonly contentType: string;
  readonly contentEncoding: string;
}

export interface Intake {
  /** @throws EngineError if such a body cannot be taken. */
  request(post: IntakePost, config: Config): Omit<IngestBody, 'body'>;
  /** Undoes `Content-Encoding` within bounds. @throws EngineError */
  decode(
    body: Uint8Array,
    encoding: string,
    bounds: { readonly bytesMax: number; readonly lease: BodyLease },
  ): Promise<Uint8Array>;
  reply(verdict: IngestVerdict, contentType: string): HttpReply;
  /** A refusal in the words of the protocol; absent, or null: as a problem document. */
  refusal?(
    document: Problem,
    contentType: string,
  ): { readonly contentType: string; readonly body: string | Uint8Array } | null;
}

/** As most protocols have it: gzip, deflate or nothing. */
export const decodeContent: Intake['decode'] = (body, encoding, { bytesMax, lease }) =>
  decodeBody(body, encoding, bytesMax, lease);

/** Lower-case and without parameters. */
export function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
