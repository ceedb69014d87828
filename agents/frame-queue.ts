/**
 * What leaves on one connection, in its order, also where a frame is being packed. A frame that is
 * not packed soon is sent as it is: nothing waits long for a thread that others keep busy.
 */
import type WebSocket from 'ws';
import type { FramePacker } from './frame-packer.ts';

const PATIENCE_MS = 100;

interface Waiting {
  payload: string | Uint8Array;
  readonly sinceMs: number;
  isReady: boolean;
}

export class FrameQueue {
  readonly #socket: WebSocket;
  readonly #packer: FramePacker | null;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  /** Called once when nothing waits. */
  #onEmpty: (() => void) | null = null;

  constructor(socket: WebSocket, packer: FramePacker | null, now: () => number) {
    this.#socket = socket;
    this.#packer = packer;
    this.#now = now;
  }

  /** Bytes that were not written yet. */
  get bytes(): number {
    return this.#bytes + this.#socket.bufferedAmount;
  }

  text(text: string): void {
    this.#add(text, true);
  }

  /** `isPacked`: the engine takes packed frames. */
  frame(bytes: Uint8Array, isPacked: boolean): void {
    const isReady = !isPacked || this.#packer === null || !this.#packer.wants(bytes.length);
    const waiting = this.#add(bytes, isReady);
    if (waiting !== null && !isReady) void this.#pack(waiting, bytes);
  }

  /** Runs it when all was handed to the socket. */
  whenEmpty(run: () => void): void {
    if (this.#waiting.length === 0) run();
    else this.#onEmpty = run;
  }

  async #pack(waiting: Waiting, bytes: Uint8Array): Promise<void> {
    const packed = (await this.#packer?.pack(bytes)) ?? bytes;
    // It may have been sent as it was.
    if (!this.#waiting.includes(waiting)) return;
    this.#bytes += packed.length - bytes.length;
    waiting.payload = packed;
    waiting.isReady = true;
    this.#flush();
  }

  /** Null: it was sent. */
  #add(payload: string | Uint8Array, isReady: boolean): Waiting | null {
    const [first] = this.#waiting;
    if (first === undefined && isReady) {
      this.#socket.send(payload);
      return null;
    }
    const nowMs = this.#now();
    const waiting = { payload, sinceMs: nowMs, isReady };
    this.#waiting.push(waiting);
    this.#bytes += payload.length;
    if (first !== undefined && nowMs - first.sinceMs > PATIENCE_MS) {
      this.#packer?.rest();
      for (const one of this.#waiting) one.isReady = true;
      this.#flush();
    }
    return waiting;
  }

  #flush(): void {
    while (this.#waiting[0]?.isReady === true) {
      const { payload } = this.#waiting.shift()!;
      this.#bytes -= payload.length;
      this.#socket.send(payload);
    }
    if (this.#waiting.length > 0 || this.#onEmpty === null) return;
    this.#onEmpty();
    this.#onEmpty = null;
  }
}
