/**
 * A service with an agent, as a program: does its own work every few milliseconds, publishes, and
 * tells over IPC how it fares. Its argument is {@link HostOptions} as JSON. After `end` nothing of
 * its own is left to do, so it ends, unless the agent keeps it.
 */
import { createAgent } from '../../agents/agent.ts';
import type { AgentOptions } from '../../agents/agent.ts';
import type { PublishOutcome } from '../../agents/publish-outcome.ts';

export interface HostOptions extends Pick<
  AgentOptions,
  'url' | 'limits' | 'spool' | 'whenFull' | 'service'
> {
  /** Characters of a text that is different in every event. */
  readonly textLength?: number;
  /** Its system's clock is set to another day every time that somebody looks at it. */
  readonly clockJumps?: boolean;
  /** It offers its stream and publishes nothing. */
  readonly isQuiet?: boolean;
}

export interface HostStatus {
  /** How often it came to do its own work. */
  readonly turns: number;
  readonly published: number;
  readonly outcomes: Readonly<Partial<Record<PublishOutcome, number>>>;
  readonly active: boolean;
  readonly connected: boolean;
  readonly residentBytes: number;
  /** What the agent told its owner, by kind. */
  readonly told: readonly string[];
}

const EVENTS_A_TURN = 20;
const TURN_MS = 2;
const TOLD_MAX = 1_000;

const {
  clockJumps = false,
  isQuiet = false,
  textLength = 10,
  ...options
} = JSON.parse(process.argv[2] ?? '{}') as HostOptions;
const DAY_MS = 86_400_000;
if (clockJumps) {
  const trueNow = Date.now;
  let looks = 0;
  Date.now = () => trueNow() + (++looks % 3) * DAY_MS - DAY_MS;
}
const told: string[] = [];
const agent = createAgent({
  ...options,
  onStatus: ({ kind }) => {
    if (told.length < TOLD_MAX) told.push(kind);
  },
});
const orders = agent.stream('orders');
const outcomes: Partial<Record<PublishOutcome, number>> = {};
const padding = 'x'.repeat(textLength);
let turns = 0;
let published = 0;

const work = setInterval(() => {
  turns++;
  for (let i = 0; i < (isQuiet ? 0 : EVENTS_A_TURN); i++) {
    const n = published++;
    const outcome = orders.publish({ n, region: `r${n % 5}`, key: `${n} ${padding}` });
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}, TURN_MS);

process.on('message', (message) => {
  if (message === 'end') {
    clearInterval(work);
    process.disconnect();
    return;
  }
  const { active } = orders;
  const { connected } = agent;
  const residentBytes = process.memoryUsage.rss();
  const status = { turns, published, outcomes, active, connected, residentBytes, told };
  process.send?.(status satisfies HostStatus);
});
