/** The bench's end of a load process. */
import { Child } from './child.ts';
import type {
  LoadCommand,
  LoadMark,
  LoadOrder,
  LoadReport,
  SentWindow,
} from '../load/load-contract.ts';

export interface LoadUnderWay {
  readonly bytesPerEvent: number;
  go(): void;
  mark(): Promise<LoadMark>;
  /** Resolves when everything that was sent has been evaluated. */
  stop(): Promise<readonly SentWindow[]>;
  close(): Promise<void>;
}

export async function prepareLoad(order: Omit<LoadOrder, 'type'>): Promise<LoadUnderWay> {
  const entry = new URL('../load/load-process.js', import.meta.url);
  const child = new Child<LoadCommand, LoadReport>(entry, 'load');
  child.send({ type: 'prepare', ...order });
  const { bytesPerEvent } = await child.next('ready');
  return {
    bytesPerEvent,
    go: () => child.send({ type: 'go' }),
    mark: () => {
      child.send({ type: 'mark' });
      return child.next('mark');
    },
    stop: async () => {
      child.send({ type: 'stop' });
      const { windows } = await child.next('done');
      return windows;
    },
    close: () => child.end(),
  };
}
