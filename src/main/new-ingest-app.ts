/** The ingest app of one listener: who may send, and to whom what they send is handed. */
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { Access } from '../gateway/access.ts';
import { BodyBudget } from '../gateway/body-budget.ts';
import type { EnginePort } from '../gateway/engine-port.ts';
import { createHostPolicy } from '../gateway/host-check.ts';
import { IngestApp } from '../gateway/ingest-app.ts';
import { Sessions } from '../gateway/sessions.ts';
import { TokenStore } from '../gateway/tokens.ts';
import type { StoredToken } from '../gateway/tokens.ts';

export interface IngestAppOptions {
  readonly engine: Pick<EnginePort, 'ingest'>;
  readonly config: Config;
  readonly clock: Clock;
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly tokens: readonly StoredToken[];
  readonly needsToken: boolean;
  readonly onDefect: (error: unknown) => void;
}

export function newIngestApp(options: IngestAppOptions): IngestApp {
  const { engine, config, clock, host, allowedHosts, tokens, needsToken, onDefect } = options;
  const { sessionMs, sessionsMax } = config;
  // Browsers sign in at the API port; here there are no cookies.
  const sessions = new Sessions({ sessionMs, sessionsMax, clock, secure: false });
  return new IngestApp({
    ...{ engine, config, onDefect },
    hosts: createHostPolicy({ bindHost: host, allowedHosts }),
    access: new Access({ tokens: new TokenStore(tokens), sessions, needsToken }),
    bodies: new BodyBudget(config.bodiesInFlightMax),
  });
}
