/** What the routes of our own notification API do. */
import { pageText } from '../alert/receivers/page.ts';
import { EngineError } from '../core/errors.ts';
import type { JobState } from '../alert/notify/outbox-job.ts';
import type { GatewayContext } from './gateway-context.ts';
import { readJsonObject } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { json } from './json-response.ts';
import type { NotifyPort } from './notify-port.ts';
import type { Handler } from './route-handlers.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
/** Pages of others show the picture, and it never changes. */
const TREND_HEADERS = {
  'Content-Type': 'image/png',
  'Cache-Control': 'public, max-age=86400, immutable',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};
const STATES: readonly string[] = ['waiting', 'sent', 'failed', 'dropped'];

type NotifyRouteName =
  | 'silences'
  | 'addSilence'
  | 'previewSilence'
  | 'expireSilence'
  | 'incidents'
  | 'acknowledge'
  | 'unacknowledge'
  | 'receivers'
  | 'testReceiver'
  | 'routes'
  | 'testRoute'
  | 'notifications'
  | 'trend';

export const NOTIFY_HANDLERS: Readonly<Record<NotifyRouteName, Handler>> = {
  silences: (_, context) => json({ silences: notifyOf(context).silences() }),
  addSilence: async (request, context) => {
    const body = await readJsonObject(request, context);
    return json({ id: notifyOf(context).putSilence(body, whoAsks(request)) });
  },
  previewSilence: async (request, context) => {
    const body = await readJsonObject(request, context);
    return json({ alerts: notifyOf(context).previewSilence(body) });
  },
  expireSilence: (request, context) => {
    const id = request.req.param('id') ?? '';
    if (notifyOf(context).expireSilence(id, whoAsks(request))) return noContent();
    throw new EngineError('ENGINE_NOT_FOUND', `No silence ${JSON.stringify(id)} is in force.`);
  },
  incidents: (_, context) => json({ incidents: notifyOf(context).incidents() }),
  acknowledge: async (request, context) => {
    const body = await readJsonObject(request, context);
    const incident = notifyOf(context).acknowledge(body, whoAsks(request));
    if (incident !== null) return json(incident);
    const asked = JSON.stringify(body['incident']);
    throw new EngineError('ENGINE_NOT_FOUND', `No incident ${asked} is open.`);
  },
  unacknowledge: (request, context) => {
    const id = request.req.param('id') ?? '';
    if (notifyOf(context).unacknowledge(id, whoAsks(request))) return noContent();
    throw new EngineError('ENGINE_NOT_FOUND', `No incident ${JSON.stringify(id)} is acknowledged.`);
  },
  receivers: (_, context) => json({ receivers: notifyOf(context).receivers() }),
  testReceiver: async (request, context) => {
    const name = request.req.param('name') ?? '';
    const delivery = notifyOf(context).testReceiver(name, whoAsks(request));
    if (delivery !== null) return json(await delivery);
    throw new EngineError('ENGINE_NOT_FOUND', `There is no receiver ${JSON.stringify(name)}.`);
  },
  routes: (_, context) => {
    const notify = notifyOf(context);
    return json({ route: notify.routes(), status: notify.status() });
  },
  testRoute: async (request, context) => {
    const { labels } = await readJsonObject(request, context);
    if (!isTexts(labels))
      throw new EngineError('ENGINE_BAD_REQUEST', '`labels` is a map of texts.');
    return json({ routes: notifyOf(context).routeTest(labels) });
  },
  notifications: (request, context) => json({ notifications: deliveries(request, context) }),
  trend: (request, context) => {
    const image = notifyOf(context).trend(request.req.param('image') ?? '');
    if (image === null) throw new EngineError('ENGINE_NOT_FOUND', 'There is no such picture.');
    return new Response(new Uint8Array(image), { headers: TREND_HEADERS });
  },
};

function deliveries(request: GatewayRequest, context: GatewayContext): readonly object[] {
  const { receiver, incident, state, limit, text } = request.req.query();
  if (state !== undefined && !STATES.includes(state)) {
    throw new EngineError('ENGINE_BAD_REQUEST', `\`state\` is one of ${STATES.join(', ')}.`);
  }
  const count = limit === undefined ? LIMIT_DEFAULT : Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > LIMIT_MAX) {
    throw new EngineError('ENGINE_BAD_REQUEST', `\`limit\` is from 1 to ${LIMIT_MAX}.`);
  }
  const jobs = notifyOf(context).deliveries({
    limit: count,
    ...(receiver !== undefined && { receiver }),
    ...(incident !== undefined && { incident }),
    ...(state !== undefined && { state: state as JobState }),
  });
  if (text !== 'true') return jobs;
  return jobs.map((job) => ({ ...job, text: pageText(job.notification) }));
}

export function notifyOf({ engine }: GatewayContext): NotifyPort {
  if (engine.notify !== undefined) return engine.notify;
  throw new EngineError('ENGINE_STARTING', 'The notifier is not up yet.');
}

export function whoAsks(request: GatewayRequest): string {
  return request.get('grant')?.name ?? 'nobody';
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function noContent(): Response {
  return new Response(null, { status: 204 });
}
