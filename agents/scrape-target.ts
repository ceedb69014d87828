/**
 * One Prometheus target: asks it, reads what it says within bounds, and remembers the counters of
 * the last look. A target that does not answer is an event, too: `up` is 0.
 */
import type { Config } from '../src/config.ts';
import type { Event, Value } from '../src/model/value.ts';
import { labelledEvent } from '../src/translate/labelled-sample.ts';
import { readPrometheusText } from '../src/translate/prometheus-text.ts';
import type { PrometheusSample } from '../src/translate/prometheus-text.ts';
import { boundedText } from './bounded-text.ts';

const ACCEPT =
  'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const USER_AGENT = 'squilla-agent';

export interface Scrape {
  readonly events: readonly Event[];
  /** A line for a human; null: all is well. */
  readonly complaint: string | null;
}

interface CounterReading {
  readonly value: number;
  readonly atMs: number;
}

export class ScrapeTarget {
  readonly #url: URL;
  readonly #config: Config;
  #counters = new Map<string, CounterReading>();
  #abort: AbortController | null = null;

  /** @throws Error if the address is none. */
  constructor(address: string, config: Config) {
    if (!/^https?:/i.test(address) || !URL.canParse(address)) {
      throw new Error(`not an address such as http://127.0.0.1:9100/metrics: ${address}`);
    }
    this.#url = new URL(address);
    if (this.#url.pathname === '/') this.#url.pathname = '/metrics';
    this.#config = config;
  }

  get instance(): string {
    const { host, port, protocol } = this.#url;
    return port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host;
  }

  /** Never rejects. */
  async ask(job: string, now: () => number): Promise<Scrape> {
    const begunMs = now();
    const base = { job, instance: this.instance };
    const answer = await this.#fetch();
    const tookMs = now() - begunMs;
    const about = (up: number, samples: number): Event => ({
      ...labelledEvent({ __name__: 'up', ...base }, { type: 'gauge', unit: null }),
      value: up,
      duration_ms: tookMs,
      samples,
    });
    if ('fault' in answer) {
      const complaint = `${this.#url.href} cannot be read: ${answer.fault}`;
      return { events: [about(0, 0)], complaint };
    }
    const { scrapeSamplesMax } = this.#config;
    const { isOpenMetrics, text } = answer;
    const read = readPrometheusText(text, { samplesMax: scrapeSamplesMax, isOpenMetrics });
    const events = this.#eventsOf(read.samples, base, now());
    events.push(about(1, read.samples.length));
    const [error] = read.errors;
    const complaint =
      error !== undefined
        ? `${this.#url.href}: line ${error.line}: ${error.message}` +
          (read.errors.length > 1 ? ` (and ${read.errors.length - 1} more lines)` : '')
        : read.left > 0
          ? `${this.#url.href}: ${read.left} samples beyond ${scrapeSamplesMax} were left out`
          : null;
    return { events, complaint };
  }

  /** Ends a look that is under way. */
  abort(): void {
    this.#abort?.abort();
  }

  async #fetch(): Promise<
    { readonly text: string; readonly isOpenMetrics: boolean } | { readonly fault: string }
  > {
    const { scrapeMs, scrapeBytesMax } = this.#config;
    this.#abort = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(scrapeMs)]);
    try {
      const headers = { Accept: ACCEPT, 'User-Agent': USER_AGENT };
      const response = await fetch(this.#url, { headers, signal, redirect: 'error' });
      const type = response.headers.get('content-type') ?? '';
      const text = response.ok ? await boundedText(response, scrapeBytesMax) : null;
      if (text !== null) return { text, isOpenMetrics: type.includes('openmetrics') };
      if (response.ok) return { fault: `more than ${scrapeBytesMax} bytes` };
      await response.body?.cancel();
      return { fault: `status ${response.status}` };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return { fault: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  #eventsOf(
    samples: readonly PrometheusSample[],
    base: Readonly<Record<string, string>>,
    nowMs: number,
  ): Event[] {
    const counters = new Map<string, CounterReading>();
    const events = samples.map((sample) => {
      const { name, labels, type, unit, value, isCounter, exemplar, timeMs } = sample;
      const shared = labelledEvent({ ...labels, ...base, __name__: name }, { type, unit });
      const growth = isCounter && value !== null;
      return {
        ...shared,
        value,
        ...(growth ? this.#grown(shared['series'] as string, value, nowMs, counters) : {}),
        ...(timeMs !== null && { said_time: timeMs }),
        ...(exemplar !== null && {
          exemplar: { labels: exemplar.labels, value: exemplar.value, time: exemplar.timeMs },
        }),
      };
    });
    // Series that are gone are forgotten, so that memory is that of one answer.
    this.#counters = counters;
    return events;
  }

  /** A counter that fell began anew at zero. */
  #grown(
    series: string,
    value: number,
    nowMs: number,
    counters: Map<string, CounterReading>,
  ): Record<string, Value> {
    const before = this.#counters.get(series);
    counters.set(series, { value, atMs: nowMs });
    if (before === undefined || nowMs <= before.atMs) return {};
    const increase = value >= before.value ? value - before.value : value;
    return { increase, rate: (increase * 1_000) / (nowMs - before.atMs) };
  }
}
