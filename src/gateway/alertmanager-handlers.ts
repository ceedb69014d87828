/**
 * Squilla in the place of an Alertmanager, API v2: Prometheus posts its alerts here, and what shows
 * or silences alerts (amtool, Karma, Grafana) finds them.
 * @see https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
import { parseMatcher, matchesAll } from '../alert/notify/matcher.ts';
import type { Labels, Matcher } from '../alert/notify/matcher.ts';
import type { HeldAlertView, SilenceView } from '../alert/notify/views.ts';
import { annotationsOf, isoTime } from '../alert/receivers/alertmanager-alert.ts';
import { EngineError } from '../core/errors.ts';
import { readJson, readJsonObject } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { json } from './json-response.ts';
import { notifyOf, whoAsks } from './notify-handlers.ts';
import type { Handler } from './route-handlers.ts';

/** Go's far future is not ours: an alert without an end is shown to end in a day. */
const OPEN_END_MS = 86_400_000;

type AlertmanagerRouteName =
  | 'amAlerts'
  | 'amPostAlerts'
  | 'amGroups'
  | 'amSilences'
  | 'amPostSilence'
  | 'amSilence'
  | 'amExpireSilence'
  | 'amStatus'
  | 'amReceivers';

export const ALERTMANAGER_HANDLERS: Readonly<Record<AlertmanagerRouteName, Handler>> = {
  amAlerts: (request, context) => json(shownAlerts(request, notifyOf(context).alerts())),
  amPostAlerts: async (request, context) => {
    const body = await readJson(request, context, context.config.bodyBytesMax);
    notifyOf(context).postAlerts(body);
    return new Response(null, { status: 200 });
  },
  amGroups: (request, context) => json(groupsOf(shownAlerts(request, notifyOf(context).alerts()))),
  amSilences: (request, context) => {
    const matchers = filterOf(request);
    const silences = notifyOf(context).silences().map(silenceShape);
    // Alertmanager compares a filter with the matchers of a silence, as if they were labels.
    return json(silences.filter(({ matchers: own }) => matchesAll(matchers, labelsOf(own))));
  },
  amPostSilence: async (request, context) => {
    const body = await readJsonObject(request, context);
    return json({ silenceID: notifyOf(context).putSilence(body, whoAsks(request)) });
  },
  amSilence: (request, context) => {
    const id = request.req.param('id') ?? '';
    const silence = notifyOf(context)
      .silences()
      .find((candidate) => candidate.id === id);
    if (silence !== undefined) return json(silenceShape(silence));
    throw new EngineError('ENGINE_NOT_FOUND', `There is no silence ${JSON.stringify(id)}.`);
  },
  amExpireSilence: (request, context) => {
    const id = request.req.param('id') ?? '';
    if (notifyOf(context).expireSilence(id, whoAsks(request))) {
      return new Response(null, { status: 200 });
    }
    throw new EngineError('ENGINE_NOT_FOUND', `No silence ${JSON.stringify(id)} is in force.`);
  },
  amStatus: (_, context) => {
    const { startedAtMs } = notifyOf(context).status();
    const { version, node } = context.engine.status() as Readonly<Record<string, unknown>>;
    const text = typeof version === 'string' ? version : '';
    return json({
      cluster: { name: '', status: 'disabled', peers: [] },
      versionInfo: {
        version: text,
        revision: '',
        branch: '',
        buildUser: '',
        buildDate: '',
        goVersion: `node ${String(node)}`,
      },
      config: { original: '# see /api/v1/routes and /api/v1/receivers\n' },
      uptime: isoTime(startedAtMs),
    });
  },
  amReceivers: (_, context) =>
    json(
      notifyOf(context)
        .receivers()
        .map(({ name }) => ({ name })),
    ),
};

type ShownAlert = ReturnType<typeof alertShape>;

function shownAlerts(request: GatewayRequest, alerts: readonly HeldAlertView[]): ShownAlert[] {
  const matchers = filterOf(request);
  const wants = (name: string): boolean => request.req.query(name) !== 'false';
  const receiver = request.req.query('receiver');
  return alerts
    .filter(({ labels }) => matchesAll(matchers, labels))
    .filter(({ endsAtMs }) => endsAtMs === null)
    .filter(
      ({ muted }) => muted.silences.length + muted.maintenance.length === 0 || wants('silenced'),
    )
    .filter(({ muted }) => muted.inhibitions.length === 0 || wants('inhibited'))
    .filter(({ state }) => state !== 'firing' || wants('active'))
    .filter(({ receivers }) => receiver === undefined || receivers.includes(receiver))
    .map(alertShape);
}

function alertShape(alert: HeldAlertView) {
  const { labels, muted, receivers, fingerprint, startsAtMs, endsAtMs, updatedAtMs } = alert;
  return {
    annotations: annotationsOf(alert),
    endsAt: isoTime(endsAtMs ?? alert.expiresAtMs ?? updatedAtMs + OPEN_END_MS),
    fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: isoTime(startsAtMs),
    status: {
      inhibitedBy: muted.inhibitions,
      mutedBy: muted.maintenance,
      silencedBy: muted.silences,
      state: alert.state === 'muted' ? 'suppressed' : 'active',
    },
    updatedAt: isoTime(updatedAtMs),
    generatorURL: alert.link ?? '',
    labels,
  };
}

/** By receiver and name: what Alertmanager shows as groups depends on its routes. */
function groupsOf(alerts: readonly ShownAlert[]): object[] {
  const groups = new Map<
    string,
    { labels: Labels; receiver: { name: string }; alerts: object[] }
  >();
  for (const alert of alerts) {
    const labels: Labels = { alertname: alert.labels['alertname'] ?? '' };
    for (const receiver of alert.receivers) {
      const key = JSON.stringify([receiver.name, labels]);
      const group = groups.get(key) ?? { labels, receiver, alerts: [] };
      group.alerts.push(alert);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function silenceShape({
  id,
  matchers,
  startsAtMs,
  endsAtMs,
  updatedAtMs,
  ...silence
}: SilenceView) {
  return {
    id,
    status: { state: silence.state },
    updatedAt: isoTime(updatedAtMs),
    comment: silence.comment,
    createdBy: silence.author,
    startsAt: isoTime(startsAtMs),
    endsAt: isoTime(endsAtMs),
    matchers: matchers.map(matcherShape),
  };
}

function matcherShape(text: string) {
  const matcher = parseMatcher(text);
  const { name, value, operator } = matcher.ok
    ? matcher.value
    : ({ name: text, value: '', operator: '=' } as const);
  return {
    isEqual: !operator.startsWith('!'),
    isRegex: operator.endsWith('~'),
    name,
    value,
  };
}

function labelsOf(matchers: readonly { readonly name: string; readonly value: string }[]): Labels {
  return Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
}

function filterOf(request: GatewayRequest): readonly Matcher[] {
  return (request.req.queries('filter') ?? []).map((text) => {
    const matcher = parseMatcher(text);
    if (matcher.ok) return matcher.value;
    throw new EngineError('ENGINE_BAD_REQUEST', matcher.error, { data: { parameter: 'filter' } });
  });
}
