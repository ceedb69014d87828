/** What the gateway asks of the notifier. Throws coded faults for what a user sent. */
import type { OutboxJob } from '../alert/notify/outbox-job.ts';
import type { DeliveryQuery } from '../alert/notify/notify-store.ts';
import type { HeldAlertView, IncidentView, RouteView, SilenceView } from '../alert/notify/views.ts';
import type { AlertNotified } from '../alert/alert-views.ts';
import type { Labels } from '../alert/notify/matcher.ts';
import type { routeTest } from '../alert/notify/views.ts';
import type { Delivery } from '../alert/receivers/contract.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface ReceiverView {
  readonly name: string;
  readonly type: string;
  readonly settings: Fields;
  readonly waiting: number;
  readonly breaker: string;
}

/** Every method that takes a body: @throws EngineError ENGINE_BAD_REQUEST, LIMIT_… */
export interface NotifyPort {
  alerts(): readonly HeldAlertView[];
  /** An array in the shape of Alertmanager's API. */
  postAlerts(body: unknown): void;
  silences(): readonly SilenceView[];
  /** Returns the id. */
  putSilence(body: Fields, by: string): string;
  /** False: there is none that has not expired. */
  expireSilence(id: string, by: string): boolean;
  previewSilence(body: Fields): readonly HeldAlertView[];
  /** What becomes of each episode that is held, by the episode's name. */
  told(): ReadonlyMap<string, AlertNotified>;
  incidents(): readonly IncidentView[];
  /** `{incident, for?, comment?, by?}`; false: no such incident. */
  acknowledge(body: Fields, by: string): IncidentView | null;
  unacknowledge(incident: string, by: string): boolean;
  receivers(): readonly ReceiverView[];
  /** Sends a test page now, past the outbox. Null: no such receiver. */
  testReceiver(name: string, by: string): Promise<Delivery> | null;
  /** Null: nobody is told of anything. */
  routes(): RouteView | null;
  routeTest(labels: Labels): ReturnType<typeof routeTest>;
  deliveries(query: DeliveryQuery): readonly OutboxJob[];
  /** A PNG by its signed name; null: there is none, or its time is over. */
  trend(name: string): Uint8Array | null;
  status(): NotifyStatus;
}

export interface NotifyStatus {
  /** Null: not configured. */
  readonly path: string | null;
  readonly loadedAtMs: number | null;
  /** Of the files as they are now, if they could not be taken. */
  readonly mistakes: readonly string[];
  readonly alerts: number;
  readonly waiting: number;
  /** False: what happens is not on the disk, see the log. */
  readonly isStored: boolean;
  readonly startedAtMs: number;
}
