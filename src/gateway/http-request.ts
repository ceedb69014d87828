/** What routes read of a request: Hono's context with Node's own request and response in it. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { EngineError } from '../core/errors.ts';
import { parseBody } from '../translate/json-body.ts';
import type { Credentials } from './access.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { RequestOrigin } from './host-check.ts';
import { mediaType } from './intake.ts';
import { readBody } from './request-body.ts';
import type { TokenGrant } from './tokens.ts';

export interface GatewayEnv {
  Bindings: HttpBindings;
  Variables: {
    /** Null: shows nothing, and a token is needed. */
    grant: TokenGrant | null;
  };
}

export type GatewayRequest = Context<GatewayEnv>;

/** Headers as Node gives them. */
export type NodeHeaders = Readonly<Record<string, string | string[] | undefined>>;

export function header(headers: NodeHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : (value?.join(', ') ?? '');
}

export function originOf(headers: NodeHeaders, isPage: boolean): RequestOrigin {
  return {
    host: header(headers, 'host'),
    origin: header(headers, 'origin'),
    fetchSite: header(headers, 'sec-fetch-site'),
    fetchMode: header(headers, 'sec-fetch-mode'),
    isPage,
  };
}

export function credentialsOf(headers: NodeHeaders, port: number): Credentials {
  return {
    authorization: header(headers, 'authorization'),
    cookie: header(headers, 'cookie'),
    port,
  };
}

/** The body as a JSON object; no body is an empty one. @throws EngineError */
export async function readJsonObject(
  request: GatewayRequest,
  context: GatewayContext,
): Promise<Readonly<Record<string, unknown>>> {
  const parsed = await readJson(request, context, context.config.controlBytesMax);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Readonly<Record<string, unknown>>;
  }
  throw new EngineError('ENGINE_BAD_REQUEST', 'The body must be a JSON object.');
}

/** The body as JSON; no body is an empty object. @throws EngineError */
export async function readJson(
  request: GatewayRequest,
  context: GatewayContext,
  bytesMax: number,
): Promise<unknown> {
  const lease = context.bodies.open();
  try {
    const body = await readBody(request.env.incoming, bytesMax, lease);
    const read = parseBody(body, context.config);
    if (read.ok) return read.value;
    throw new EngineError('ENGINE_BAD_REQUEST', read.error);
  } finally {
    lease.release();
  }
}

/**
 * Only what a form of another page cannot send may change state: JSON, CSV, and protobuf.
 * @throws EngineError ENGINE_BAD_MEDIA_TYPE
 */
export function requireJson(headers: NodeHeaders): void {
  const type = mediaType(header(headers, 'content-type'));
  if (type === 'application/json' || type.endsWith('+json') || type.endsWith('ndjson')) return;
  if (type === 'text/csv' || type === 'application/x-protobuf') return;
  if (type === 'application/protobuf') return;
  throw new EngineError('ENGINE_BAD_MEDIA_TYPE', 'Send `Content-Type: application/json`.');
}

/**
 * `If-Match: "3"`: the version that was seen; `If-None-Match: *`: 0, none; neither: null.
 * @throws EngineError ENGINE_BAD_REQUEST
 */
export function expectedVersion(request: GatewayRequest): number | null {
  const { headers } = request.env.incoming;
  if (header(headers, 'if-none-match') === '*') return 0;
  const match = header(headers, 'if-match');
  if (match === '' || match === '*') return null;
  const version = /^"(\d{1,15})"$/.exec(match)?.[1];
  if (version !== undefined) return Number(version);
  throw new EngineError('ENGINE_BAD_REQUEST', '`If-Match` is an ETag, such as "3".');
}

/** A time in the address, milliseconds or ISO 8601; null: not given. @throws EngineError */
export function queryTime(request: GatewayRequest, name: string): number | null {
  const text = request.req.query(name);
  if (text === undefined) return null;
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  throw new EngineError('ENGINE_BAD_REQUEST', `\`${name}\` is no time: milliseconds or ISO 8601.`);
}

/** A member that must be a text. @throws EngineError ENGINE_BAD_REQUEST */
export function textMember(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  throw new EngineError('ENGINE_BAD_REQUEST', `\`${name}\` must be a text.`, {
    data: { parameter: name },
  });
}
