/**
 * An agent's heartbeats and what they teach: how far the engine's clock is ahead, and whether the
 * engine still speaks.
 */
import { NUMBER_SETTINGS } from '../src/config.ts';
import type {
  HeartbeatMessage,
  PulseMessage,
  StreamPulse,
  WelcomeMessage,
} from '../src/wire/agent-messages.ts';
import { ClockOffset } from './clock-offset.ts';
import { Liveness } from './liveness.ts';

export class Heart {
  /** Clock time of the next beat; Infinity: not connected. */
  nextMs = Infinity;
  readonly #offset = new ClockOffset();
  readonly #liveness = new Liveness();
  #everyMs: number;
  #pulse: HeartbeatMessage['pulse'] = null;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** To be added to this process' clock to get the engine's. */
  get offsetMs(): number {
    return this.#offset.offsetMs;
  }

  /** A connection stands; its first beat is due at once. */
  start(message: WelcomeMessage, greetedMs: number, nowMs: number): void {
    this.#offset.restart();
    this.#offset.add({
      sentMs: greetedMs,
      engineReceivedMs: message.nowMs,
      engineSentMs: message.nowMs,
      receivedMs: nowMs,
    });
    // The engine decides how often, but not that a service does nothing else.
    this.#everyMs = Math.max(message.heartbeatMs, NUMBER_SETTINGS.heartbeatMs.min);
    this.nextMs = nowMs;
    this.#liveness.connected(nowMs);
  }

  stop(): void {
    this.nextMs = Infinity;
    this.#pulse = null;
  }

  /** A beat is due and will be sent. */
  beat(nowMs: number): void {
    this.nextMs = nowMs + this.#everyMs;
  }

  heard(nowMs: number): void {
    this.#liveness.heard(nowMs);
  }

  pulsed(message: PulseMessage, nowMs: number): void {
    this.#pulse = { engineSentMs: message.engineSentMs, receivedMs: nowMs };
    this.#offset.add({
      sentMs: message.heartbeatSentMs,
      engineReceivedMs: message.heartbeatReceivedMs,
      engineSentMs: message.engineSentMs,
      receivedMs: nowMs,
    });
  }

  /** Called at every tick: the engine has said nothing for too long. */
  isSilent(nowMs: number): boolean {
    return this.#liveness.isSilent(nowMs, this.#everyMs);
  }

  message(nowMs: number, streams: readonly StreamPulse[], busyMs: number): HeartbeatMessage {
    return { type: 'heartbeat', sentAtMs: nowMs, pulse: this.#pulse, streams, busyMs };
  }
}
