/** Pictures of the trend of alerts under signed addresses, drawn when somebody fetches them. */
import type { Notification } from '../alert/notify/notification.ts';
import type { NotifyStore } from '../alert/notify/notify-store.ts';
import { trendName, trendPlace } from '../alert/notify/trend-address.ts';
import { sparklinePng } from '../alert/receivers/sparkline-png.ts';
import type { Config } from '../config.ts';
import { signingKey } from '../store/signing-keys.ts';
import type { Sql } from '../store/sql.ts';

export class TrendPictures {
  readonly #store: NotifyStore;
  readonly #config: Config;
  readonly #key: Uint8Array;

  /** @throws EngineError `ENGINE_STORE_…` */
  constructor(sql: Sql, store: NotifyStore, config: Config) {
    this.#store = store;
    this.#config = config;
    this.#key = signingKey(sql, 'trend');
  }

  /**
   * `base`: the public address of the engine; null: it has none. Null: there is nothing to draw.
   */
  url(base: string | null, notification: Notification, alert: number): string | null {
    const points = notification.alerts[alert]?.evidence?.sparkline ?? [];
    if (base === null || !points.some(({ value }) => value !== null)) return null;
    const untilMs = notification.atMs + this.#config.trendImageMs;
    return `${base}/trend/${trendName({ id: notification.id, alert }, untilMs, this.#key)}`;
  }

  /** Null: no such picture, or its time is over. @throws EngineError `ENGINE_STORE_…` */
  picture(name: string, nowMs: number): Uint8Array | null {
    const place = trendPlace(name, nowMs, this.#key);
    const alerts = place === null ? [] : (this.#store.job(place.id)?.notification.alerts ?? []);
    return sparklinePng(alerts[place?.alert ?? 0]?.evidence?.sparkline ?? []);
  }
}
