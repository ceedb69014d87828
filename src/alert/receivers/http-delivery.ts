/** What an HTTP answer means for a delivery. */
import { hideSecretsInText } from '../../observe/secrets.ts';
import type { HttpAnswer, HttpAsk } from '../../outbound/http-exchange.ts';
import type { Notification } from '../notify/notification.ts';
import type { Delivery, ReceiverParts } from './contract.ts';

const SHOWN = 200;
const REMEDY = '`allowPrivate: true` lets this receiver use it';

type Post = Pick<HttpAsk, 'url' | 'headers' | 'body' | 'allowPrivate'>;

/**
 * `notification`: what it is about; its id goes along, the same at every attempt, so that whoever
 * is told twice after a crash can tell.
 */
export function post(
  parts: ReceiverParts,
  { id }: Notification,
  request: Post,
): Promise<HttpAnswer> {
  const { deliveryMs: timeoutMs, responseBytesMax } = parts;
  const headers = { ...request.headers, 'Squilla-Delivery': id };
  return parts.http({
    ...{ ...request, headers, method: 'POST' },
    ...{ remedy: REMEDY, timeoutMs, responseBytesMax },
  });
}

/** 2xx is taken; 408, 429, 5xx and silence are worth another attempt; all else will not change. */
export function deliveryFrom(answer: HttpAnswer): Delivery {
  if (answer.status === null) {
    return { outcome: answer.isRefused ? 'refused' : 'retry', note: answer.reason };
  }
  const { status, text, retryAfterMs } = answer;
  const note = `HTTP ${status}${text === '' ? '' : `: ${shown(text)}`}`;
  if (status >= 200 && status < 300) return { outcome: 'taken', note: `HTTP ${status}` };
  if (status === 408 || status === 429 || status >= 500) {
    return { outcome: 'retry', note, ...(retryAfterMs !== null && { afterMs: retryAfterMs }) };
  }
  if (status >= 300 && status < 400) {
    return { outcome: 'refused', note: `HTTP ${status}: redirects are not followed` };
  }
  return { outcome: 'refused', note };
}

/** The first words of what the other side says, without line breaks and tokens. */
function shown(text: string): string {
  return hideSecretsInText(text.replaceAll(/\s+/g, ' ').slice(0, SHOWN));
}
