/** Whether the engine still speaks: it answers every heartbeat, so silence means it is gone. */

/** An engine that leaves this many heartbeats unanswered is gone. */
const SILENT_BEATS = 5;

export class Liveness {
  #heardMs = 0;
  #lookedMs = 0;

  connected(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#lookedMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** Called at every tick. */
  isSilent(nowMs: number, heartbeatMs: number): boolean {
    // Having stood still ourselves, we may not have read what was said meanwhile.
    if (nowMs - this.#lookedMs > 2 * heartbeatMs) this.#heardMs = nowMs;
    this.#lookedMs = nowMs;
    return nowMs - this.#heardMs > SILENT_BEATS * heartbeatMs;
  }
}
