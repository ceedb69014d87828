/**
 * Everything that wants to be drawn, drawn together: one frame of the browser for all panels of a
 * page and one pass over what changed. The browser's frames and timers are given.
 */
import { batch } from '@preact/signals';

export interface FrameHost {
  /** Calls back with the next frame, or some time later while the page is hidden. */
  readonly nextFrame: (draw: () => void) => void;
}

export class FrameQueue {
  readonly #host: FrameHost;
  #waiting: (() => void)[] = [];

  constructor(host: FrameHost) {
    this.#host = host;
  }

  readonly add = (draw: () => void): void => {
    this.#waiting.push(draw);
    if (this.#waiting.length === 1) this.#host.nextFrame(() => this.#draw());
  };

  #draw(): void {
    const draws = this.#waiting;
    this.#waiting = [];
    batch(() => {
      for (const draw of draws) draw();
    });
  }
}
