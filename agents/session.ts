/**
 * The agent's end of the protocol (docs/protocol.md, "Conversation") as a pure state machine:
 * inputs and the time go in, effects come out, `wakeAtMs` says when to call again at the latest.
 *
 *     idle → connecting → greeting → live → waiting → connecting …
 *                    any state → (closing) → closed
 */
import type { Config } from '../src/config.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../src/wire/agent-messages.ts';
import type {
  AgentToEngine,
  EngineToAgent,
  PlanChangesMessage,
  PlansMessage,
  RefuseMessage,
  StreamOffer,
  TimePolicy,
  WelcomeMessage,
} from '../src/wire/agent-messages.ts';
import { decodeEngineMessage, encodeMessage } from '../src/wire/message-codec.ts';
import { Attempts } from './attempts.ts';
import { Heart } from './heart.ts';
import { offersOf, pulsesOf } from './offers.ts';
import { PaneBeats } from './pane-beats.ts';
import { PlanSet } from './plan-set.ts';
import type { SessionEffect, SessionInput, SessionOptions } from './session-contract.ts';
import type { AgentStatus } from './status.ts';
import { StreamSet } from './stream-set.ts';
import type { StreamState } from './stream-state.ts';
import { Uplink } from './uplink.ts';

type State = 'idle' | 'connecting' | 'greeting' | 'live' | 'waiting' | 'closed';

export class AgentSession {
  /** Bytes the socket has not written yet; the shell sets it before it calls `handle`. */
  socketBytes = 0;
  readonly #options: SessionOptions;
  readonly #streams: StreamSet;
  readonly #plans: PlanSet;
  readonly #beats: PaneBeats;
  readonly #uplink: Uplink;
  readonly #attempts: Attempts;
  readonly #limits: { -readonly [K in keyof Config]: number };
  readonly #heart: Heart;
  #effects: SessionEffect[] = [];
  #state: State = 'idle';
  #planned = false;
  #unoffered: StreamState[] = [];
  #greetedMs = 0;
  #mayPack = false;
  /** What sealing, sending and listening took so far. */
  #handledMs = 0;
  #closeReason: string | null = null;
  #closeByMs = Infinity;

  constructor(options: SessionOptions) {
    const { identity, rng, whenFull = 'drop-oldest', spool = null } = options;
    const limits = { ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.#attempts = new Attempts(options.url, limits, rng);
    this.#heart = new Heart(limits.heartbeatMs);
    this.#beats = new PaneBeats(identity.id);
    this.#streams = new StreamSet(limits, options.mask);
    this.#plans = new PlanSet({ agentId: identity.id, budget: this.#streams.budget }, limits);
    this.#uplink = new Uplink(limits, this.#streams.byName, { whenFull, spool });
  }

  /** Other limits from now on. */
  reload(limits: Config): void {
    Object.assign(this.#limits, limits);
    this.#streams.reload();
  }

  get live(): boolean {
    return this.#state === 'live';
  }

  /** Whether the engine ever said what it wants. */
  get planned(): boolean {
    return this.#planned;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** To be added to this process' clock to get the engine's. */
  get offsetMs(): number {
    return this.#heart.offsetMs;
  }

  /** The share of the queue that is taken, 0 to 1; sources that can wait do so above a half. */
  get fill(): number {
    return this.#uplink.outbox.fill;
  }

  /** Clock time by which `handle({ type: 'tick' })` must be called; Infinity: no need. */
  get wakeAtMs(): number {
    switch (this.#state) {
      case 'idle':
      case 'closed':
        return Infinity;
      case 'connecting':
        return this.#closeByMs;
      case 'greeting':
        return Math.min(this.#greetedMs + this.#limits.handshakeMs, this.#closeByMs);
      case 'waiting':
        return Math.min(this.#attempts.atMs, this.#closeByMs);
      case 'live': {
        const beatMs = this.#beats.nextMs - this.offsetMs;
        return Math.min(this.#heart.nextMs, beatMs, this.#streams.flushAtMs, this.#closeByMs);
      }
    }
  }

  /** The stream of that name, made at the first call; null: the agent offers too many. */
  stream(name: string, time: TimePolicy): StreamState | null {
    const known = this.#streams.byName.get(name);
    if (known !== undefined) return known;
    const { clock, onWork, stampClock = clock } = this.#options;
    const state = this.#streams.create(name, time, {
      clock,
      stampClock,
      onWork,
      outbox: this.#uplink.outbox,
      spooled: this.#uplink.spooled,
      offsetMs: () => this.#heart.offsetMs,
    });
    if (state === null) return null;
    if (this.#state === 'live') {
      this.#offer([state]);
      // Windows wait until the engine has heard where the stream stands.
      this.#heart.nextMs = clock.now();
    }
    if (this.#state === 'greeting') this.#unoffered.push(state);
    return state;
  }

  /** What `stream` asked to be said since the last call to `handle`, if anything. */
  handle(input: SessionInput): readonly SessionEffect[] {
    const nowMs = this.#options.clock.now();
    this.#take(input, nowMs);
    if (this.#state === 'live') this.#work(nowMs);
    if (this.#closeReason !== null) this.#finish(nowMs);
    const effects = this.#effects;
    this.#effects = [];
    this.#handledMs += Math.max(0, this.#options.clock.now() - nowMs);
    return effects;
  }

  #take(input: SessionInput, nowMs: number): void {
    if (this.#state === 'closed') return;
    switch (input.type) {
      case 'start':
        if (this.#state === 'idle') this.#connect();
        break;
      case 'opened':
        this.#greet(nowMs);
        break;
      case 'text':
        this.#receive(input.text, nowMs);
        break;
      case 'closed':
        this.#lost(input.reason, nowMs);
        break;
      case 'tick':
        this.#tick(nowMs);
        break;
      case 'spool':
        this.#uplink.spoolNews(input.news, ({ stream, time }) => this.stream(stream, time));
        break;
      case 'close':
        this.#closeReason ??= input.reason;
        this.#closeByMs = Math.min(this.#closeByMs, nowMs + this.#limits.agentCloseMs);
        this.#streams.deactivate();
        break;
      case 'abandon':
        this.#abandon();
        break;
    }
  }

  #connect(): void {
    this.#state = 'connecting';
    this.#effects.push({ type: 'connect', url: this.#attempts.begin() });
  }

  #greet(nowMs: number): void {
    this.#state = 'greeting';
    this.#greetedMs = nowMs;
    const [first, ...rest] = offersOf(this.#streams.all);
    this.#unoffered = rest.flat();
    this.#say({
      type: 'hello',
      version: PROTOCOL_VERSION,
      token: this.#options.token,
      agent: this.#options.identity,
      streams: (first ?? []).map((stream) => stream.offer()),
      ...this.#uplink.greeted(),
    });
  }

  #receive(text: string, nowMs: number): void {
    const decoded = decodeEngineMessage(text);
    if (!decoded.ok) {
      this.#leave(`${decoded.error.code}: ${decoded.error.detail}`, nowMs);
      return;
    }
    this.#heart.heard(nowMs);
    const message: EngineToAgent = decoded.value;
    switch (message.type) {
      case 'welcome':
        this.#welcomed(message, nowMs);
        break;
      case 'refuse':
        this.#refused(message, nowMs);
        break;
      case 'plans':
      case 'planChanges':
        this.#replan(message, nowMs);
        break;
      case 'ack':
        this.#uplink.acknowledge(message.sequence);
        break;
      case 'pulse':
        this.#heart.pulsed(message, nowMs);
        break;
      case 'moveTo':
        this.#move(message.url, nowMs);
        break;
      case 'bye':
        this.#leave(`the engine said bye: ${message.reason}`, nowMs);
        break;
    }
  }

  #welcomed(message: WelcomeMessage, nowMs: number): void {
    if (this.#state !== 'greeting') return;
    if (message.version < PROTOCOL_VERSION_MIN || message.version > PROTOCOL_VERSION) {
      this.#leave(`WIRE_BAD_VERSION: the engine speaks ${message.version}`, nowMs);
      return;
    }
    this.#state = 'live';
    this.#attempts.succeeded(nowMs);
    this.#mayPack = message.packed === true;
    this.#heart.start(message, this.#greetedMs, nowMs);
    this.#uplink.reconnected(message.evaluatedSequence);
    this.#plans.forgetEpoch();
    for (const stream of this.#streams.all) stream.forgetWatermark();
    this.#offer(this.#unoffered);
    this.#unoffered = [];
    this.#tell({ kind: 'connected', agentKey: message.agentKey });
  }

  #refused(message: RefuseMessage, nowMs: number): void {
    this.#tell({ kind: 'refused', code: message.code, detail: message.detail });
    this.#leave(`refused: ${message.code}`, nowMs, message.retryAfterMs ?? 0);
    this.#uplink.refused(message.code);
  }

  #replan(message: PlansMessage | PlanChangesMessage, nowMs: number): void {
    if (this.#state !== 'live' || this.#closeReason !== null) return;
    const correctedMs = nowMs + this.offsetMs;
    const ack = this.#plans.take(message, this.#streams.byName, correctedMs);
    // The whole set comes with the next welcome.
    if (ack === 'missed') this.#leave('WIRE_BAD_MESSAGE: planChanges for another epoch', nowMs);
    if (ack === 'missed' || ack === 'stale') return;
    this.#planned = true;
    this.#streams.replanned(this.#plans.kinds);
    this.#beats.replan(this.#streams.all, correctedMs);
    this.#say(ack);
    this.#tell(this.#plans.status(ack));
  }

  #move(url: string | null, nowMs: number): void {
    if (url !== null && !/^wss?:\/\//.test(url)) return;
    this.#streams.flush();
    this.#pump(nowMs);
    this.#leave('moved', nowMs);
    this.#attempts.moveTo(url, nowMs);
  }

  #tick(nowMs: number): void {
    if (this.#state === 'waiting' && nowMs >= this.#attempts.atMs) this.#connect();
    const { handshakeMs } = this.#limits;
    if (this.#state === 'greeting' && nowMs >= this.#greetedMs + handshakeMs) {
      this.#leave('no welcome', nowMs);
    }
    if (this.#state !== 'live') return;
    if (this.#heart.isSilent(nowMs)) this.#leave('the engine is silent', nowMs);
    // On one connection watermarks never go back; events would be timed by what was promised.
    else if (this.#streams.isAhead(nowMs)) this.#leave('a clock was set back', nowMs);
  }

  /** Everything that is due on a live connection. */
  #work(nowMs: number): void {
    // What waits leaves first, so that nothing is dropped for want of room a moment too early.
    this.#pump(nowMs);
    const beatsDue = this.#beats.takeDue(nowMs + this.offsetMs);
    this.#streams.flushDue(nowMs);
    for (const stream of beatsDue) stream.sealEnded(nowMs);
    this.#pump(nowMs);
    this.#uplink.refill();
    if (nowMs >= this.#heart.nextMs) this.#heartbeat(nowMs);
    else if (beatsDue.length > 0) this.#pulseStreams(beatsDue, nowMs);
  }

  #heartbeat(nowMs: number): void {
    this.#heart.beat(nowMs);
    const streams = this.#streams.all;
    this.#offer(streams.filter((stream) => stream.fieldsChanged));
    for (const stream of streams) stream.learnOne();
    this.#pulseStreams(streams, nowMs);
  }

  #pulseStreams(streams: readonly StreamState[], nowMs: number): void {
    const busyMs = this.#streams.costMs + this.#handledMs;
    this.#say(this.#heart.message(nowMs, pulsesOf(streams, nowMs), busyMs));
  }

  #pump(nowMs: number): void {
    const roomBytes = this.#limits.sendQueueBytesMax - this.socketBytes;
    for (const bytes of this.#uplink.take(nowMs, roomBytes)) {
      this.socketBytes += bytes.length;
      this.#effects.push({ type: 'frame', bytes, mayPack: this.#mayPack });
    }
  }

  /** Hangs up and tries again later. */
  #leave(reason: string, nowMs: number, retryAfterMs = 0): void {
    if (this.#state === 'waiting') return;
    this.#effects.push({ type: 'disconnect', reason, abrupt: false });
    this.#lost(reason, nowMs, retryAfterMs);
  }

  #lost(reason: string, nowMs: number, retryAfterMs = 0): void {
    if (this.#state === 'waiting' || this.#state === 'idle') return;
    this.#state = 'waiting';
    this.#heart.stop();
    this.#streams.flush();
    this.#uplink.outbox.disconnected();
    const waitMs = this.#attempts.over(nowMs, retryAfterMs);
    this.#tell({ kind: 'disconnected', reason, retryMs: waitMs });
  }

  /** Ends a session that is closing once nothing is left to wait for, or the wait is over. */
  #finish(nowMs: number): void {
    if (this.#state === 'closed') return;
    const empty = this.#uplink.outbox.waiting === 0 && this.#uplink.outbox.inFlight === 0;
    if (!empty && nowMs < this.#closeByMs) return;
    this.#uplink.giveUp(true);
    if (this.#state === 'live') this.#pulseStreams(this.#streams.all, nowMs);
    if (this.#state === 'live' || this.#state === 'greeting') {
      this.#say({ type: 'bye', reason: this.#closeReason ?? '' });
    }
    if (this.#state !== 'waiting' && this.#state !== 'idle') {
      this.#effects.push({ type: 'disconnect', reason: 'closed', abrupt: false });
    }
    this.#state = 'closed';
    this.#tell({ kind: 'closed', reason: this.#closeReason ?? '' });
  }

  /** Nothing works any more; nobody is asked, and nothing is said. */
  breakDown(): void {
    this.#state = 'closed';
    for (const stream of this.#streams.all) stream.breakDown();
  }

  #abandon(): void {
    this.#streams.deactivate();
    this.#uplink.outbox.disconnected();
    this.#uplink.giveUp(false);
    this.#effects.push({ type: 'disconnect', reason: 'abandoned', abrupt: true });
    this.#state = 'closed';
    this.#tell({ kind: 'closed', reason: 'abandoned' });
  }

  #offer(streams: readonly StreamState[]): void {
    for (const part of offersOf(streams)) {
      const offers: readonly StreamOffer[] = part.map((stream) => stream.offer());
      this.#say({ type: 'offer', streams: offers });
    }
  }

  #say(message: AgentToEngine): void {
    this.#effects.push({ type: 'text', text: encodeMessage(message) });
  }

  #tell(status: AgentStatus): void {
    this.#effects.push({ type: 'status', status });
  }
}
