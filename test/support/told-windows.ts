/** What a client of the simulated engine was told of windows. */
import type { Received } from './world.ts';

/** The rows messages of finished windows, oldest first. */
export function windowsOf(received: readonly Received[]) {
  return received
    .map(({ message }) => message)
    .filter((message) => message.type === 'rows')
    .filter((message) => message.windowEnd !== null && !message.provisional && !message.replay);
}
