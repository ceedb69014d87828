/** The notifier as the gateway sees it: checks what people send, and answers from what is held. */
import { postedAlertsFrom } from '../alert/notify/posted-alert.ts';
import { matchersFrom, silenceFrom } from '../alert/notify/silence-request.ts';
import type { DeliveryQuery } from '../alert/notify/notify-store.ts';
import type { OutboxJob } from '../alert/notify/outbox-job.ts';
import {
  heldViews,
  incidentViews,
  previewOf,
  routeTest,
  routeView,
  silenceViews,
  toldEpisodes,
} from '../alert/notify/views.ts';
import type { HeldAlertView, IncidentView, RouteView, SilenceView } from '../alert/notify/views.ts';
import { matcherText } from '../alert/notify/matcher.ts';
import type { AlertNotified } from '../alert/alert-views.ts';
import type { Labels } from '../alert/notify/matcher.ts';
import { durationFrom } from '../alert/receivers/field-reader.ts';
import type { Delivery } from '../alert/receivers/contract.ts';
import { EngineError } from '../core/errors.ts';
import type { Result } from '../core/result.ts';
import type { NotifyPort, NotifyStatus, ReceiverView } from '../gateway/notify-port.ts';
import type { AuditTrail } from '../observe/audit-trail.ts';
import type { NotifyHost } from './notify-host.ts';

type Fields = Readonly<Record<string, unknown>>;

export class NotifyDesk implements NotifyPort {
  readonly #host: NotifyHost;
  readonly #audit: AuditTrail;

  constructor(host: NotifyHost, audit: AuditTrail) {
    this.#host = host;
    this.#audit = audit;
  }

  alerts(): readonly HeldAlertView[] {
    return heldViews(this.#host.notifier);
  }

  postAlerts(body: unknown): void {
    const alerts = accepted(postedAlertsFrom(body));
    const { alertsHeldMax } = this.#host.config;
    if (this.#host.notifier.held.size + alerts.length > alertsHeldMax) {
      throw new EngineError('LIMIT_ALERTS', `${alertsHeldMax} alerts are held already`);
    }
    this.#host.handle({ type: 'posted', alerts });
  }

  silences(): readonly SilenceView[] {
    const { notifier, nowMs, config } = this.#host;
    return silenceViews(notifier, nowMs, config.silenceStaleMs);
  }

  putSilence(body: Fields, by: string): string {
    const { notifier, nowMs, config } = this.#host;
    const known = notifier.silences.get(typeof body['id'] === 'string' ? body['id'] : '') ?? null;
    const active = [...notifier.silences.values()].filter(({ endsAtMs }) => endsAtMs > nowMs);
    if (known === null && active.length >= config.silencesMax) {
      throw new EngineError('LIMIT_SILENCES', `${active.length} are in force`);
    }
    const id = known?.id ?? this.#host.newId();
    const silence = accepted(silenceFrom(body, { id, nowMs, config, known, by }));
    this.#host.handle({ type: 'put-silence', silence });
    const { author, comment, endsAtMs } = silence;
    const text = `${silence.matchers.map(matcherText).join(' ')}: ${comment}`;
    this.#audit.record({ action: 'silence', by, target: id, text });
    this.#host.publish({ event: 'silence', silence: id, by: author, comment, until: endsAtMs });
    return id;
  }

  expireSilence(id: string, by: string): boolean {
    const { notifier, nowMs } = this.#host;
    const silence = notifier.silences.get(id);
    if (silence === undefined || silence.endsAtMs <= nowMs) return false;
    this.#host.handle({ type: 'expire-silence', id });
    this.#audit.record({ action: 'expire-silence', by, target: id });
    this.#host.publish({ event: 'silence-expired', silence: id, by });
    return true;
  }

  previewSilence(body: Fields): readonly HeldAlertView[] {
    return previewOf(this.#host.notifier, accepted(matchersFrom(body['matchers'])));
  }

  told(): ReadonlyMap<string, AlertNotified> {
    return toldEpisodes(this.#host.notifier);
  }

  incidents(): readonly IncidentView[] {
    return incidentViews(this.#host.notifier);
  }

  acknowledge(body: Fields, by: string): IncidentView | null {
    const asked = body['incident'];
    if (typeof asked !== 'string' || asked === '') throw badRequest('`incident` is missing');
    const found = this.incidents().filter(
      ({ incident, labels }) => incident.startsWith(asked) || labels['alertname'] === asked,
    );
    if (found.length > 1)
      throw badRequest(`${found.length} incidents fit ${asked}: say more of it`);
    const [first] = found;
    if (first === undefined) return null;
    const { incident } = first;
    const lengthMs = typeof body['for'] === 'string' ? durationFrom(body['for']) : null;
    if (body['for'] !== undefined && lengthMs === null) throw badRequest('`for` is a duration');
    const untilMs = lengthMs === null ? null : this.#host.nowMs + lengthMs;
    const comment = typeof body['comment'] === 'string' ? body['comment'].slice(0, 2_000) : '';
    const who = typeof body['by'] === 'string' && body['by'] !== '' ? body['by'].slice(0, 200) : by;
    this.#host.handle({ type: 'acknowledge', incident, by: who, comment, untilMs });
    this.#audit.record({ action: 'acknowledge', by, target: incident, text: comment });
    this.#host.publish({ event: 'acknowledged', incident, by: who, comment, until: untilMs });
    return this.incidents().find((view) => view.incident === incident) ?? first;
  }

  unacknowledge(incident: string, by: string): boolean {
    const known = this.incidents().find((view) => view.incident === incident);
    if (known === undefined || known.acknowledgement === null) return false;
    this.#host.handle({ type: 'unacknowledge', incident, by });
    this.#audit.record({ action: 'unacknowledge', by, target: incident });
    this.#host.publish({ event: 'unacknowledged', incident, by });
    return true;
  }

  receivers(): readonly ReceiverView[] {
    const { notifier, outbox, nowMs } = this.#host;
    const states = new Map(outbox.states(nowMs).map((state) => [state.receiver, state]));
    return [...notifier.config.receivers.values()].map(({ name, type, shown }) => ({
      name,
      type,
      settings: shown,
      waiting: states.get(name)?.waiting ?? 0,
      breaker: states.get(name)?.breaker ?? 'closed',
    }));
  }

  testReceiver(name: string, by: string): Promise<Delivery> | null {
    this.#audit.record({ action: 'test-receiver', by, target: name });
    return this.#host.test(name);
  }

  routes(): RouteView | null {
    const { tree } = this.#host.notifier.board;
    return tree === null ? null : routeView(tree);
  }

  routeTest(labels: Labels): ReturnType<typeof routeTest> {
    return routeTest(this.#host.notifier.board.tree, labels);
  }

  deliveries(query: DeliveryQuery): readonly OutboxJob[] {
    return this.#host.store.deliveries(query);
  }

  trend(name: string): Uint8Array | null {
    return this.#host.trends.picture(name, this.#host.nowMs);
  }

  status(): NotifyStatus {
    return this.#host.status;
  }
}

function accepted<T>(result: Result<T, string>): T {
  if (result.ok) return result.value;
  throw badRequest(result.error);
}

function badRequest(detail: string): EngineError {
  return new EngineError('ENGINE_BAD_REQUEST', detail);
}
