/**
 * One query as server-sent events: event names are the message types, ids resume. The stream is
 * written straight to Node's response, which tells when the socket is full. A query that is refused
 * at once is answered as a problem with its own status, before any stream begins.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { ServerResponse } from 'node:http';
import type { Problem } from '../wire/results.ts';
import { ClientOutlet } from './client-outlet.ts';
import type { SubscribeRequest, SubscriptionEffect } from './engine-port.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { LiveClient } from './live-clients.ts';
import { problem } from './problem.ts';
import { EventStreamFrames } from './result-frames.ts';

/** The only subscription of the stream, as far as its queue is concerned. */
const SUB = '';

/** Of all streams, which are told one after the other. */
const FRAMES = new EventStreamFrames();

/** What browsers wait before they reconnect. */
const RETRY_LINE = 'retry: 1000\n\n';

export class EventStream implements LiveClient {
  readonly #context: GatewayContext;
  readonly #outgoing: ServerResponse;
  readonly #subscription: string;
  readonly #outlet: ClientOutlet;
  #keepAlive: NodeJS.Timeout | null = null;
  #isOver = false;

  private constructor(context: GatewayContext, outgoing: ServerResponse, subscription: string) {
    this.#context = context;
    this.#outgoing = outgoing;
    this.#subscription = subscription;
    this.#outlet = new ClientOutlet({
      bytesMax: context.config.sendQueueBytesMax,
      slowMs: context.config.slowClientMs,
      counters: context.counters,
      clock: context.clock,
      flushes: context.flushes,
      encode: (frames, _sub, effect) => frames.push(FRAMES.of(effect)),
      encodeDrop: (frames, _sub, count) => frames.push(dropFrame(count)),
      write: (frames) => this.#write(frames),
      giveUp: () => this.#giveUp(),
    });
  }

  /** Subscribes; the problem if the query was refused at once, else null and a running stream. */
  static open(
    context: GatewayContext,
    outgoing: ServerResponse,
    request: Omit<SubscribeRequest, 'subscription'>,
    headers: Readonly<Record<string, string>>,
  ): Problem | null {
    context.clients.assertRoom();
    const subscription = `${request.client}/1`;
    const early: SubscriptionEffect[] = [];
    let take = (effect: SubscriptionEffect): void => void early.push(effect);
    context.engine.subscribe({ ...request, subscription }, (effect) => take(effect));
    const refusal = refusalIn(early);
    if (refusal !== null) return refusal;
    const stream = new EventStream(context, outgoing, subscription);
    stream.#start(headers);
    take = (effect) => stream.#take(effect);
    for (const effect of early) stream.#take(effect);
    return null;
  }

  goAway(): void {
    if (this.#isOver) return;
    this.#outlet.finish();
    this.#end();
    this.#outgoing.end();
  }

  #start(headers: Readonly<Record<string, string>>): void {
    this.#outgoing.writeHead(200, {
      ...headers,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    this.#outgoing.write(RETRY_LINE);
    this.#outgoing.on('drain', () => this.#outlet.drained());
    this.#outgoing.on('close', () => this.#end());
    this.#outgoing.on('error', () => this.#end());
    this.#keepAlive = setInterval(() => this.#comment(), this.#context.config.keepAliveMs);
    this.#context.clients.add(this);
  }

  #take(effect: SubscriptionEffect): void {
    if (effect.type === 'deliver') this.#outlet.deliver(SUB, effect);
    else this.goAway();
  }

  /** Lets proxies and clients know that the stream lives, and finds out that a client is gone. */
  #comment(): void {
    if (!this.#outgoing.writableNeedDrain) this.#outgoing.write(':\n\n');
  }

  #write(frames: readonly Buffer[]): boolean {
    const outgoing = this.#outgoing;
    if (outgoing.writableEnded || outgoing.destroyed) return false;
    // One write and not many in a cork: on Node 24 only a write itself tells of a full socket.
    return outgoing.write(frames.length === 1 ? frames[0] : Buffer.concat(frames));
  }

  #giveUp(): void {
    const document = problem('LIMIT_SLOW_CLIENT', 'The stream was read too slowly.');
    const body = JSON.stringify({ type: 'error', problem: document });
    this.#outgoing.write(`event: error\ndata: ${body}\n\n`);
    this.#end();
    this.#outgoing.socket?.destroySoon();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outlet.close();
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#context.clients.delete(this);
    this.#context.engine.unsubscribe(this.#subscription);
  }
}

function dropFrame(count: number): Buffer {
  const body = JSON.stringify({ type: 'drop', reason: 'slow_client', count });
  return Buffer.from(`event: drop\ndata: ${body}\n\n`);
}

function refusalIn(effects: readonly SubscriptionEffect[]): Problem | null {
  const first = effects[0];
  if (first?.type !== 'deliver' || first.message.type !== 'error') return null;
  return first.message.problem;
}
