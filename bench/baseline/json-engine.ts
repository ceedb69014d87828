/**
 * What the ingest bench compares with: an engine as one would write it first. Every message is a
 * JSON array of events, parsed into objects; every query is a closure over one event with a `Map`
 * from group to state. The queries, the sketch and the windows are those of the real engine; it
 * lacks everything else (completeness, limits, plans), so it flatters the baseline if anything.
 */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { QuantileSketch } from './row-quantile.ts';
import type { RequestEvent } from '../workload.ts';

type Row = RequestEvent & { readonly ts: number };

interface Query {
  add(row: Row): void;
  result(): unknown;
}

const WINDOW_MS = 1_000;
/** A window is finished when one event this much later has come from every connection. */
const GRACE_MS = 50;

const counting = (where: (row: Row) => boolean) => (): Query => {
  let n = 0;
  return {
    add: (row) => {
      if (where(row)) n++;
    },
    result: () => ({ n }),
  };
};

const grouping =
  <State>(
    key: (row: Row) => string,
    where: (row: Row) => boolean,
    create: () => State,
    add: (state: State, row: Row) => void,
    answer: (state: State) => unknown = (state) => state,
  ) =>
  (): Query => {
    const groups = new Map<string, State>();
    return {
      add: (row) => {
        if (!where(row)) return;
        const name = key(row);
        let state = groups.get(name);
        if (state === undefined) {
          state = create();
          groups.set(name, state);
        }
        add(state, row);
      },
      result: () => [...groups].map(([name, state]) => [name, answer(state)]),
    };
  };

const P99 = 0.99;
const p99 = (sketch: QuantileSketch): number => sketch.quantile(P99);
const every = (): boolean => true;
const one = (): { n: number } => ({ n: 0 });
const increment = (state: { n: number }): void => void state.n++;

/** In the order of the workload's queries. */
const QUERIES: readonly (() => Query)[] = [
  counting((row) => row.status >= 500),
  counting((row) => row.status >= 500 && row.country === 'US'),
  counting((row) => row.route === '/api/v1/resource3/:id' && row.durMs > 100),
  grouping(
    (row) => row.country,
    every,
    () => ({ n: 0, sum: 0 }),
    (state, row) => {
      state.n++;
      state.sum += row.durMs;
    },
  ),
  grouping((row) => `${row.service}\n${row.status}`, every, one, increment),
  grouping(
    () => '',
    every,
    () => new QuantileSketch(),
    (sketch, row) => sketch.add(row.durMs),
    p99,
  ),
  grouping(
    (row) => row.service,
    every,
    () => new QuantileSketch(),
    (sketch, row) => sketch.add(row.durMs),
    p99,
  ),
  grouping(
    () => '',
    (row) => row.user.plan === 'enterprise',
    () => ({ sum: 0 }),
    (state, row) => (state.sum += row.bytes),
  ),
  grouping(
    (row) => row.host,
    (row) => row.cached,
    one,
    increment,
  ),
  projecting,
];

function projecting(): Query {
  const rows: object[] = [];
  return {
    add: ({ service, route, durMs, traceId }) => {
      if (durMs > 900 && rows.length < 100) rows.push({ service, route, durMs, traceId });
    },
    result: () => rows,
  };
}

class JsonEngine {
  readonly #windows = new Map<number, readonly Query[]>();
  readonly #latestMs = new Map<WebSocket, number>();
  readonly #frames = new Map<WebSocket, number>();
  #ackScheduled = false;

  accept(socket: WebSocket): void {
    this.#latestMs.set(socket, 0);
    this.#frames.set(socket, 0);
    socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data)) as Row[]));
    socket.on('close', () => {
      this.#latestMs.delete(socket);
      this.#frames.delete(socket);
    });
  }

  #receive(socket: WebSocket, rows: readonly Row[]): void {
    for (const row of rows) {
      const queries = this.#windowOf(row.ts);
      for (const query of queries) query.add(row);
    }
    this.#latestMs.set(socket, rows.at(-1)?.ts ?? 0);
    this.#frames.set(socket, (this.#frames.get(socket) ?? 0) + 1);
    if (this.#ackScheduled) return;
    this.#ackScheduled = true;
    setImmediate(() => this.#acknowledge());
  }

  #windowOf(timeMs: number): readonly Query[] {
    const start = Math.floor(timeMs / WINDOW_MS);
    let queries = this.#windows.get(start);
    if (queries === undefined) {
      queries = QUERIES.map((create) => create());
      this.#windows.set(start, queries);
    }
    return queries;
  }

  #acknowledge(): void {
    this.#ackScheduled = false;
    for (const [socket, sequence] of this.#frames) {
      if (sequence > 0) socket.send(`{"type":"ack","sequence":${sequence}}`);
    }
    const passedMs = Math.min(...this.#latestMs.values()) - GRACE_MS;
    for (const [start, queries] of this.#windows) {
      if ((start + 1) * WINDOW_MS > passedMs) continue;
      this.#windows.delete(start);
      process.send?.({ type: 'result', results: queries.map((query) => query.result()).length });
    }
  }
}

const engine = new JsonEngine();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => engine.accept(socket));
server.on('listening', () => {
  process.send?.({ type: 'ready', port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit(0));
