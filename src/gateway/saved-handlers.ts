/** The routes of saved queries. Versions travel as ETag and If-Match (RFC 9110 §8.8.3, §13.1.1). */
import { EngineError } from '../core/errors.ts';
import type { GatewayContext } from './gateway-context.ts';
import { header, readJsonObject, textMember } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { json } from './json-response.ts';
import { paramsFromJson } from './query-params.ts';
import type { SavedQueryView } from '../coordinator/saved-desk.ts';

export function savedQueries(_: GatewayRequest, { engine }: GatewayContext): Response {
  return json({ queries: engine.saved.list(), mistakes: engine.saved.mistakes() });
}

export function savedQuery(request: GatewayRequest, { engine }: GatewayContext): Response {
  const found = engine.saved.get(nameOf(request));
  if (!found.ok) throw found.error;
  return answer(found.value);
}

export async function saveQuery(
  request: GatewayRequest,
  context: GatewayContext,
): Promise<Response> {
  const version = ifMatch(request);
  const body = await readJsonObject(request, context);
  const text = textMember(body, 'text');
  const description = body['description'] === undefined ? '' : textMember(body, 'description');
  const params = paramsFromJson(body['params'], context.config.depthMax);
  const keep = booleanMember(body, 'keep');
  const input = { name: nameOf(request), text, description, params, keep };
  const saved = context.engine.saved.put(input, version, byOf(request));
  if (!saved.ok) throw saved.error;
  return answer(saved.value, saved.value.version === 1 ? 201 : 200);
}

export function removeSavedQuery(request: GatewayRequest, { engine }: GatewayContext): Response {
  const removed = engine.saved.remove(nameOf(request), ifMatch(request), byOf(request));
  if (!removed.ok) throw removed.error;
  return new Response(null, { status: 204 });
}

function answer(query: SavedQueryView, status = 200): Response {
  return json(query, status, { ETag: `"${query.version}"` });
}

function booleanMember(body: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw new EngineError('ENGINE_BAD_REQUEST', `\`${name}\` is true or false.`, {
    data: { parameter: name },
  });
}

function nameOf(request: GatewayRequest): string {
  return request.req.param('name') ?? '';
}

function byOf(request: GatewayRequest): string {
  return request.get('grant')?.name ?? 'nobody';
}

/** The version that a change was made from; null: none was named. @throws EngineError */
function ifMatch(request: GatewayRequest): number | null {
  const text = header(request.env.incoming.headers, 'if-match');
  if (text === '') return null;
  const version = /^"?(\d{1,15})"?$/.exec(text.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw new EngineError('ENGINE_BAD_REQUEST', 'If-Match is the ETag of a saved query, e.g. "3".');
}
