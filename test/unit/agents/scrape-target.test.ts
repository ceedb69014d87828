/** One target: what it says as events, counters as rates, and targets that misbehave. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ScrapeTarget } from '../../../agents/scrape-target.ts';
import { configWith } from '../../../src/config.ts';
import type { Config } from '../../../src/config.ts';
import type { Event } from '../../../src/model/value.ts';

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<string> {
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', () => resolve()));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

function saying(text: string, type = 'text/plain'): Answer {
  return (_, response) => response.writeHead(200, { 'Content-Type': type }).end(text);
}

/** A clock that stands where the test puts it. */
class Hands {
  ms = 1_000;
  readonly now = (): number => this.ms;
}

function target(url: string, limits: Partial<Config> = {}): ScrapeTarget {
  return new ScrapeTarget(url, configWith(limits));
}

function named(events: readonly Event[], name: string): Event | undefined {
  return events.find((event) => event['name'] === name);
}

test('samples have the labels of the target, and `up` says that it answered', async () => {
  let asked: IncomingMessage | null = null;
  const url = await serve((request, response) => {
    asked = request;
    saying('# TYPE temp gauge\ntemp{room="a",job="theirs"} 21.5\n')(request, response);
  });
  const { events, complaint } = await target(url).ask('house', new Hands().now);
  const instance = new URL(url).host;
  expect(complaint).toBeNull();
  expect(events).toEqual([
    {
      name: 'temp',
      series: `temp{instance="${instance}",job="house",room="a"}`,
      type: 'gauge',
      unit: null,
      job: 'house',
      instance,
      labels: { room: 'a', job: 'house', instance },
      value: 21.5,
    },
    expect.objectContaining({ name: 'up', value: 1, samples: 1, duration_ms: 0, job: 'house' }),
  ]);
  expect(asked).toMatchObject({ url: '/metrics' });
  expect(String((asked as IncomingMessage | null)?.headers.accept)).toContain('openmetrics');
});

test('counters are rates from the second look on, also over a restart', async () => {
  const readings = [100, 160, 40, 40];
  const url = await serve((request, response) =>
    saying(`# TYPE c counter\nc_total ${readings.shift()}\n`)(request, response),
  );
  const hands = new Hands();
  const asking = target(url);
  const looks: (Event | undefined)[] = [];
  for (let i = 0; i < 4; i++) {
    looks.push(named((await asking.ask('j', hands.now)).events, 'c_total'));
    hands.ms += 5_000;
  }
  expect(looks[0]).not.toHaveProperty('rate');
  expect(looks.slice(1)).toMatchObject([
    { increase: 60, rate: 12 },
    { increase: 40, rate: 8 },
    { increase: 0, rate: 0 },
  ]);
});

test('exemplars and times of OpenMetrics', async () => {
  const text = '# TYPE c counter\nc_total 1 1700000000.5 # {trace_id="x"} 2 1700000000\n# EOF\n';
  const url = await serve(saying(text, 'application/openmetrics-text; version=1.0.0'));
  const { events } = await target(url).ask('j', new Hands().now);
  expect(events[0]).toMatchObject({
    said_time: 1_700_000_000_500,
    exemplar: { labels: { trace_id: 'x' }, value: 2, time: 1_700_000_000_000 },
  });
});

describe('a target that misbehaves', () => {
  const limits = { scrapeMs: 200, scrapeBytesMax: 2_000, scrapeSamplesMax: 3 };

  test.each<[string, Answer, RegExp]>([
    ['answers 500', (_, response) => response.writeHead(500).end('x'), /status 500/],
    ['says too much', saying('a 1\n'.repeat(1_000)), /more than 2000 bytes/],
    ['says nothing', () => undefined, /timeout|aborted/i],
    ['hangs up', (request) => request.socket.destroy(), /closed|socket|reset/i],
    [
      'points elsewhere',
      (_, response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
      /redirect/i,
    ],
  ])('and %s is down', async (_, answer, complaint) => {
    const url = await serve(answer);
    const scrape = await target(url, limits).ask('j', new Hands().now);
    expect(scrape.events).toMatchObject([{ name: 'up', value: 0 }]);
    expect(scrape.complaint).toMatch(complaint);
  });

  test('and is not there is down', async () => {
    const scrape = await target('http://127.0.0.1:1/x', limits).ask('j', new Hands().now);
    expect(scrape.events).toMatchObject([{ name: 'up', value: 0, instance: '127.0.0.1:1' }]);
    expect(scrape.complaint).toContain('http://127.0.0.1:1/x cannot be read');
  });

  test.each([
    ['lines that are no samples', 'a 1\nb\nc\n', 1, /line 2: .*and 1 more/],
    ['more samples than may be', 'a 1\n'.repeat(5), 3, /2 samples beyond 3/],
  ])('and has %s is up, and they are told', async (_, text, samples, complaint) => {
    const url = await serve(saying(text));
    const scrape = await target(url, limits).ask('j', new Hands().now);
    expect(named(scrape.events, 'up')).toMatchObject({ value: 1, samples });
    expect(scrape.complaint).toMatch(complaint);
  });
});

test.each(['127.0.0.1:9100', 'ftp://x/', 'http://'])('%s is no address', (address) => {
  expect(() => target(address)).toThrow('not an address');
});
