/** What every source that the command line runs has in common. */
import type { AgentOptions } from './agent.ts';

export interface SourceOptions extends Pick<
  AgentOptions,
  'url' | 'token' | 'host' | 'tags' | 'limits' | 'mask' | 'clock' | 'spool' | 'whenFull'
> {
  /** Name under which the agent appears. Default: the kind of source. */
  readonly service?: string;
  /** Gets a line for the terminal now and then. */
  readonly onLine: (line: string) => void;
}

export interface RunningSource {
  /** Flushes and says bye. */
  close(): Promise<void>;
}
