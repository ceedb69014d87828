/** Ways of sending events as routes of the API port. */
import type { GatewayContext } from './gateway-context.ts';
import { header } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { refusalReply, runIntake } from './ingest-app.ts';
import type { HttpReply } from './intake.ts';
import { INTAKES } from './intakes.ts';
import type { IntakeName } from './intakes.ts';
import { headHeaders } from './node-requests.ts';
import { readBody } from './request-body.ts';

type Handle = (request: GatewayRequest, context: GatewayContext) => Promise<Response>;

export const INTAKE_HANDLERS: Readonly<Record<IntakeName, Handle>> = Object.fromEntries(
  (Object.keys(INTAKES) as IntakeName[]).map((name) => [
    name,
    (request: GatewayRequest, context: GatewayContext) => take(name, request, context),
  ]),
) as Record<IntakeName, Handle>;

async function take(
  name: IntakeName,
  request: GatewayRequest,
  context: GatewayContext,
): Promise<Response> {
  const { incoming } = request.env;
  const url = new URL(request.req.url);
  const head = {
    method: request.req.method,
    path: request.req.path,
    query: url.search.slice(1),
    headers: headHeaders(incoming.headers),
  };
  const asked = {
    name,
    head,
    stream: request.req.param('stream') ?? '',
    grant: request.get('grant'),
    readBody: (bytesMax: number, lease: Parameters<typeof readBody>[2]) =>
      readBody(incoming, bytesMax, lease),
  };
  try {
    return response(await runIntake(asked, context));
  } catch (error) {
    // Protocols that have no word of their own for refusals take ours.
    if (INTAKES[name].refusal === undefined) throw error;
    if (!incoming.complete) request.header('Connection', 'close');
    return response(refusalReply(error, INTAKES[name], header(incoming.headers, 'content-type')));
  }
}

function response({ status, headers, body }: HttpReply): Response {
  // An answer without content must have no body, not even an empty one.
  return new Response(status === 204 ? null : (body as BodyInit), { status, headers });
}
