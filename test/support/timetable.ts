/**
 * What a simulated world does later: messages, which keep their order, and alarms, which do not.
 */
interface Scheduled {
  readonly atMs: number;
  readonly run: () => void;
}

export class Timetable {
  readonly #messages: Scheduled[] = [];
  #alarms: Scheduled[] = [];

  /** Not before `atMs`, and after every message that was sent before. */
  send(atMs: number, run: () => void): void {
    const lastMs = this.#messages[this.#messages.length - 1]?.atMs ?? 0;
    this.#messages.push({ atMs: Math.max(lastMs, atMs), run });
  }

  alarm(atMs: number, run: () => void): void {
    this.#alarms.push({ atMs, run });
  }

  runDue(nowMs: number): void {
    while ((this.#messages[0]?.atMs ?? Infinity) <= nowMs) this.#messages.shift()!.run();
    const due = this.#alarms.filter(({ atMs }) => atMs <= nowMs);
    this.#alarms = this.#alarms.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
  }
}
