/** What every route and live connection of one gateway shares. */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import type { Access } from './access.ts';
import type { BodyBudget } from './body-budget.ts';
import type { FlushRound } from './client-outlet.ts';
import type { EnginePort } from './engine-port.ts';
import type { HostPolicy } from './host-check.ts';
import type { LiveClients } from './live-clients.ts';
import type { SendCounters } from './send-queue.ts';
import type { Sessions } from './sessions.ts';
import type { StaticFiles } from './static-files.ts';

export interface GatewayCounters extends SendCounters {
  /** Connections closed at once: there were `connectionsMax`. */
  refusedConnections: number;
}

export interface GatewayContext {
  readonly engine: EnginePort;
  readonly config: Config;
  readonly clock: Clock;
  readonly hosts: HostPolicy;
  readonly access: Access;
  readonly sessions: Sessions;
  readonly bodies: BodyBudget;
  readonly flushes: FlushRound;
  readonly counters: GatewayCounters;
  readonly clients: LiveClients;
  /** Null: no dashboard was built. */
  readonly files: StaticFiles | null;
  /** Anything thrown without a code. */
  onDefect(error: unknown): void;
}
