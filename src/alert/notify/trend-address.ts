/**
 * Addresses of the pictures in pages, for receivers that fetch a picture instead of taking it
 * along. Whoever fetches has no token: the address itself is the permission. It is signed, names
 * one picture of one notification, and is good for a time. The same at every attempt of a delivery.
 *
 * ```text
 *   0123…ef-0-sx3k80-Jm1…Q.png
 *   id     │ │       └ HMAC-SHA-256 of what stands before it, 128 bits of it
 *          │ └ until then, seconds, base 36
 *          └ which alert of the notification
 * ```
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface TrendPlace {
  /** Id of the notification. */
  readonly id: string;
  /** Which of its alerts. */
  readonly alert: number;
}

const SHAPE = /^([0-9a-f]{32})-(\d{1,4})-([0-9a-z]{1,10})-([\w-]{22})\.png$/;
const MAC_BYTES = 16;

export function trendName({ id, alert }: TrendPlace, untilMs: number, key: Uint8Array): string {
  const signed = `${id}-${alert}-${Math.ceil(untilMs / 1_000).toString(36)}`;
  return `${signed}-${macOf(signed, key)}.png`;
}

/** Null: it is none of ours, or its time is over. */
export function trendPlace(name: string, nowMs: number, key: Uint8Array): TrendPlace | null {
  const match = SHAPE.exec(name);
  if (match === null) return null;
  const [, id = '', alert = '', until = '', mac = ''] = match;
  const expected = macOf(`${id}-${alert}-${until}`, key);
  if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) return null;
  if (nowMs >= Number.parseInt(until, 36) * 1_000) return null;
  return { id, alert: Number(alert) };
}

/** Always as long: 22 characters. */
function macOf(signed: string, key: Uint8Array): string {
  const mac = createHmac('sha256', key).update(signed).digest();
  return mac.subarray(0, MAC_BYTES).toString('base64url');
}
