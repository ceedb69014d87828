/**
 * `squilla/agent/browser`: what a page tells of itself, sent only while somebody asks.
 *
 * ```ts
 * import { observePage } from 'squilla/agent/browser';
 * observePage({ url: 'wss://telemetry.shop.example', token: 'of this page', service: 'shop' });
 * ```
 *
 * The token stands in the page for everybody to read: it should hold the scope `ingest` and name
 * its streams, so that it opens nothing but writing to these.
 */
import { JsonLink } from './json-link.ts';
import { watchPageErrors } from './page-errors.ts';
import { watchVitals } from './web-vitals.ts';

export interface PageOptions {
  /** The engine's ingest address, `wss://…`. */
  readonly url: string;
  readonly token?: string;
  /** Goes into each event. Default: the page's host. */
  readonly service?: string;
  /** The page's own streams, besides `web.vitals` and `web.errors`. */
  readonly streams?: readonly string[];
  /** Share of page loads that are observed at all, 0 to 1. Default: 1. */
  readonly share?: number;
  /** Default: true. */
  readonly vitals?: boolean;
  /** Default: true. */
  readonly errors?: boolean;
}

export interface PageAgent {
  /** Whether the event is on its way; one of a stream that nobody asks for is not. */
  publish(stream: string, event: object): boolean;
  close(): void;
}

const VITALS = 'web.vitals';
const ERRORS = 'web.errors';

/** Never throws into the page. */
export function observePage(options: PageOptions): PageAgent {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  if (random / 2 ** 32 >= (options.share ?? 1)) return NOBODY;
  const isOn = { vitals: options.vitals ?? true, errors: options.errors ?? true };
  const own = [...(isOn.vitals ? [VITALS] : []), ...(isOn.errors ? [ERRORS] : [])];
  const streams = [...own, ...(options.streams ?? [])];
  const link = new JsonLink({ url: options.url, token: options.token, streams });
  const service = options.service ?? location.host;
  const publish = (stream: string, event: object): boolean => {
    return link.publish(stream, { service, path: location.pathname, ...event });
  };
  const stops: (() => void)[] = [];
  if (isOn.errors) stops.push(watchPageErrors((error) => publish(ERRORS, error)));
  const tellRest = isOn.vitals ? watchVitals((vital) => publish(VITALS, vital)) : () => undefined;
  // The last moment of which a page is sure to hear.
  const hidden = (): void => {
    if (document.visibilityState !== 'hidden') return;
    tellRest();
    link.flush();
  };
  document.addEventListener('visibilitychange', hidden);
  stops.push(() => document.removeEventListener('visibilitychange', hidden));
  return {
    publish: (stream, event) => streams.includes(stream) && publish(stream, event),
    close: () => {
      for (const stop of stops.splice(0)) stop();
      tellRest();
      link.close();
    },
  };
}

/** Of a page load that was not chosen. */
const NOBODY: PageAgent = { publish: () => false, close: () => undefined };
