/**
 * Reads live results as programs without the client library do: server-sent events over `fetch`,
 * and frames of the live WebSocket. What came is kept in order; tests look for what they wait for.
 */
import { WebSocket } from 'ws';
import type { ResultMessage, RowsMessage } from '../../src/wire/results.ts';
import { until } from './engine-process.ts';

export interface ReceivedResult {
  readonly id: string | null;
  readonly message: ResultMessage;
}

export interface ResultReader {
  readonly received: readonly ReceivedResult[];
  /** The socket has ended. */
  readonly ended: () => boolean;
  readonly close: () => void;
}

/** @throws Error with the problem document if the query is refused. */
export async function readEvents(
  url: string,
  query: string,
  resume: string | null = null,
): Promise<ResultReader> {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/v1/query/live?q=${encodeURIComponent(query)}`, {
    signal: stop.signal,
    headers: resume === null ? {} : { 'last-event-id': resume },
  });
  if (!response.ok || response.body === null) throw new Error(await response.text());
  const received: ReceivedResult[] = [];
  let ended = false;
  void readFrames(response.body, received)
    // A reader that stops, or an engine that dies: either way nothing more will come.
    .catch(() => undefined)
    .finally(() => (ended = true));
  return { received, ended: () => ended, close: () => stop.abort() };
}

async function readFrames(
  body: ReadableStream<Uint8Array>,
  received: ReceivedResult[],
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const frames = rest.split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data === undefined) continue;
      const id = /^id: (.*)$/m.exec(frame)?.[1] ?? null;
      const message = JSON.parse(data) as ResultMessage;
      received.push({ id, message });
    }
  }
}

/** One subscription on a socket of its own. */
export async function readSocket(url: string, query: string): Promise<ResultReader> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`);
  const received: ReceivedResult[] = [];
  socket.on('message', (data) => {
    const { id, ...message } = JSON.parse((data as Buffer).toString('utf8')) as {
      id: string | null;
    };
    received.push({ id, message: message as unknown as ResultMessage });
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  socket.send(JSON.stringify({ type: 'subscribe', sub: 'a', query, params: {}, resume: null }));
  return {
    received,
    ended: () => socket.readyState === socket.CLOSED,
    close: () => socket.terminate(),
  };
}

/** Rows messages that stand: no previews. */
export function windowsOf(reader: Pick<ResultReader, 'received'>): RowsMessage[] {
  return reader.received
    .map(({ message }) => message)
    .filter((message): message is RowsMessage => message.type === 'rows' && !message.provisional);
}

/** Rows so far, for queries whose rows come one after the other. */
export function rowsOf(reader: Pick<ResultReader, 'received'>): RowsMessage['rows'][number][] {
  return windowsOf(reader).flatMap(({ rows }) => rows);
}

/** The first message that fits, as soon as it is there. */
export async function firstOf<T extends ResultMessage['type']>(
  reader: ResultReader,
  type: T,
  fits: (message: Extract<ResultMessage, { type: T }>) => boolean = () => true,
  deadlineMs = 8_000,
): Promise<Extract<ResultMessage, { type: T }>> {
  return until(
    () => {
      for (const { message } of reader.received) {
        if (message.type === type && fits(message as Extract<ResultMessage, { type: T }>)) {
          return message as Extract<ResultMessage, { type: T }>;
        }
      }
      return null;
    },
    `a message ${type} that fits`,
    deadlineMs,
  );
}

/** A window that fits, of those that come from now on. */
export async function laterWindow(
  reader: ResultReader,
  what: string,
  fits: (window: RowsMessage) => boolean,
): Promise<RowsMessage> {
  const from = windowsOf(reader).length;
  return until(() => windowsOf(reader).slice(from).find(fits), what);
}

/** Sum of a column over the windows that were complete, whatever the group. */
export function total(windows: readonly RowsMessage[], column: string): number {
  let sum = 0;
  for (const { rows } of windows) for (const row of rows) sum += Number(row[column] ?? 0);
  return sum;
}
