/**
 * Everything that takes events over HTTP, apart from sockets: the same on the ingest port under
 * either transport, on listeners for others' protocols, and behind the API port's routes. In this
 * order: is the request for us (`Host`, `Origin`), does the path exist, who is it and may they, is
 * the content type one that we read; only then is the body read.
 */
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { Access } from './access.ts';
import { requireScope } from './access.ts';
import type { BodyBudget, BodyLease } from './body-budget.ts';
import type { EnginePort } from './engine-port.ts';
import { checkOrigin } from './host-check.ts';
import type { HostPolicy } from './host-check.ts';
import { INTAKES } from './intakes.ts';
import type { IntakeName } from './intakes.ts';
import type { HttpReply, Intake } from './intake.ts';
import { problemHeaders, problemOfThrown } from './problem.ts';
import { ROUTES } from './routes.ts';
import type { TokenGrant } from './tokens.ts';
import { mayIngest } from './tokens.ts';

export interface HttpHead {
  readonly method: string;
  /** Decoded as far as it goes, without the query. */
  readonly path: string;
  /** Behind the question mark; empty: nothing. */
  readonly query: string;
  readonly headers: HeadHeaders;
}

/** A header that is missing is an empty text. */
export interface HeadHeaders {
  readonly host: string;
  readonly origin: string;
  readonly fetchSite: string;
  readonly authorization: string;
  readonly contentType: string;
  readonly contentEncoding: string;
}

/** Called at most once, and before the first turn that {@link IngestApp.handle} waits for. */
export type ReadBody = (bytesMax: number, lease: BodyLease) => Promise<Uint8Array>;

export interface IngestAppParts {
  readonly engine: Pick<EnginePort, 'ingest'>;
  readonly config: Config;
  readonly hosts: HostPolicy;
  readonly access: Access;
  readonly bodies: BodyBudget;
  /** Anything thrown that is a defect of ours. */
  readonly onDefect: (error: unknown) => void;
}

export class IngestApp {
  readonly #parts: IngestAppParts;

  constructor(parts: IngestAppParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async handle(head: HttpHead, readBody: ReadBody): Promise<HttpReply> {
    const { hosts, access, onDefect } = this.#parts;
    const { headers } = head;
    let intake: Intake | null = null;
    try {
      const refusal = checkOrigin(hosts, { ...headers, fetchMode: '', isPage: false });
      if (refusal !== null) throw new EngineError(refusal.code, refusal.detail);
      const found = intakeAt(head);
      intake = INTAKES[found.name];
      const { authorization } = headers;
      const grant = access.identify({ authorization, cookie: '', port: 0 });
      return await runIntake({ ...found, head, grant, readBody }, this.#parts);
    } catch (error) {
      if (!(error instanceof EngineError)) onDefect(error);
      return refusalReply(error, intake, headers.contentType);
    }
  }
}

export interface IntakeRequest {
  readonly name: IntakeName;
  readonly stream: string;
  readonly head: HttpHead;
  readonly grant: TokenGrant | null;
  readonly readBody: ReadBody;
}

/** One body of events. @throws EngineError if nothing of it is taken. */
export async function runIntake(
  { name, stream, head, grant, readBody }: IntakeRequest,
  { engine, config, bodies }: Pick<IngestAppParts, 'engine' | 'config' | 'bodies'>,
): Promise<HttpReply> {
  const intake = INTAKES[name];
  const granted = requireScope(grant, 'ingest');
  const { contentType, contentEncoding } = head.headers;
  const search = new URLSearchParams(head.query);
  const asked = intake.request({ stream, contentType, contentEncoding, search }, config);
  if (!mayIngest(granted, asked.stream)) {
    const detail = `${granted.name} may not publish to ${asked.stream}.`;
    throw new EngineError('ENGINE_FORBIDDEN', detail);
  }
  const lease = bodies.open();
  try {
    const raw = await readBody(config.bodyBytesMax, lease);
    const body = await intake.decode(raw, contentEncoding, {
      bytesMax: config.bodyBytesMax,
      lease,
    });
    const verdict = await engine.ingest({ ...asked, body });
    if (verdict.isLost === true) {
      throw new EngineError('ENGINE_STARTING', 'The shard that read the body ended.');
    }
    return intake.reply(verdict, contentType);
  } finally {
    lease.release();
  }
}

/** What an answer to a request that failed says, in the words of its protocol. */
export function refusalReply(
  error: unknown,
  intake: Intake | null,
  contentType: string,
): HttpReply {
  const document = problemOfThrown(error);
  const { status } = document;
  const own = intake?.refusal?.(document, contentType) ?? null;
  const { 'Content-Type': type = '', ...headers } = problemHeaders(document);
  return {
    status,
    headers: { ...headers, 'Content-Type': own?.contentType ?? type },
    body: own?.body ?? JSON.stringify(document),
  };
}

/** @throws EngineError ENGINE_NOT_FOUND, ENGINE_BAD_METHOD */
function intakeAt({ method, path }: HttpHead): { name: IntakeName; stream: string } {
  for (const name of Object.keys(INTAKES) as IntakeName[]) {
    const stream = matched(ROUTES[name].path, path);
    if (stream === null) continue;
    if (ROUTES[name].method === method) return { name, stream };
    throw new EngineError('ENGINE_BAD_METHOD', `${method} is not spoken at ${path}.`);
  }
  const detail = 'This port takes events: over WebSocket, and by POST at paths of the ingest API.';
  throw new EngineError('ENGINE_NOT_FOUND', detail);
}

/** The parameter of a path that fits, or an empty text if it has none; null: it does not fit. */
function matched(pattern: string, path: string): string | null {
  const [before = '', after] = pattern.split(':stream');
  if (after === undefined) return pattern === path ? '' : null;
  if (!path.startsWith(before) || !path.endsWith(after)) return null;
  const value = path.slice(before.length, path.length - after.length);
  return value === '' || value.includes('/') ? null : value;
}
