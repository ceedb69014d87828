/**
 * Reads a request body within bounds: bytes on the wire, bytes after decompression (a small gzip
 * body can hold gigabytes) and bytes of all bodies at once. Decompression runs on libuv's threads.
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { EngineError } from '../core/errors.ts';
import type { BodyLease } from './body-budget.ts';

const inflaters = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** @throws EngineError ENGINE_BODY_TOO_LARGE, ENGINE_BUSY, ENGINE_BAD_REQUEST */
export async function readBody(
  incoming: IncomingMessage,
  bytesMax: number,
  lease: BodyLease,
): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Without this option leaving the loop would destroy the socket, and with it the answer.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      const part = chunk as Buffer;
      bytes += part.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      if (!lease.grow(part.length)) throw busy();
      chunks.push(part);
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError('ENGINE_BAD_REQUEST', 'The body broke off.', { cause: error });
  }
  return Buffer.concat(chunks);
}

/**
 * Undoes `Content-Encoding`.
 * @throws EngineError ENGINE_BODY_TOO_LARGE, ENGINE_BUSY, ENGINE_BAD_REQUEST, ENGINE_BAD_MEDIA_TYPE
 */
export async function decodeBody(
  body: Uint8Array,
  encoding: string,
  bytesMax: number,
  lease: BodyLease,
): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return body;
  if (name !== 'gzip' && name !== 'deflate') {
    const detail = 'Content-Encoding may be gzip, deflate or identity.';
    throw new EngineError('ENGINE_BAD_MEDIA_TYPE', detail);
  }
  const inflated = await inflaters[name](body, { maxOutputLength: bytesMax }).catch(
    (error: unknown) => {
      throw inflateError(error, name, bytesMax);
    },
  );
  if (!lease.grow(inflated.length)) throw busy();
  return inflated;
}

function inflateError(error: unknown, name: string, bytesMax: number): EngineError {
  const isTooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
  if (isTooLarge) return tooLarge(bytesMax);
  const detail = `The body is not ${name}, though Content-Encoding says so.`;
  return new EngineError('ENGINE_BAD_REQUEST', detail, { cause: error });
}

export function tooLarge(bytesMax: number): EngineError {
  const detail = `At most ${bytesMax} bytes, also after decompression.`;
  return new EngineError('ENGINE_BODY_TOO_LARGE', detail, { data: { limit: bytesMax } });
}

export function busy(): EngineError {
  return new EngineError('ENGINE_BUSY', 'Other bodies are still being evaluated.');
}
