/** An agent that publishes events one after the other, each with its number, and can be hurried. */
import { createAgent } from '../../agents/agent.ts';
import type { Agent, AgentOptions } from '../../agents/agent.ts';

const TURN_MS = 5;
/** What does not fit is lost by design; tests that want that say so. */
const LIMITS = { agentQueueEvents: 1_000_000, reconnectMinMs: 10, reconnectMaxMs: 100 };

export class SteadyAgent {
  readonly agent: Agent;
  readonly stream: string;
  /** Events that it took. */
  accepted = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(url: string, stream: string, options: Partial<AgentOptions> = {}) {
    const limits = { ...LIMITS, ...options.limits };
    const service = `of-${stream}`;
    this.stream = stream;
    this.agent = createAgent({
      url,
      service,
      streams: [stream],
      ...options,
      limits,
      handleSignals: false,
    });
  }

  /** So many events at once. */
  publish(events: number): void {
    const stream = this.agent.stream(this.stream);
    for (let i = 0; i < events; i++) {
      if (stream.publish({ id: this.accepted, half: 0.5 }) === 'accepted') this.accepted++;
    }
  }

  /** So many every few milliseconds, from now on; 0: none any more. */
  pace(events: number): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = events === 0 ? null : setInterval(() => this.publish(events), TURN_MS);
  }

  end(): void {
    this.pace(0);
    this.agent.abandon();
  }
}
