/** Events of the engine itself, through the same ingest and the same queries as everything else. */
import type { ValueObject } from '../model/value.ts';
import type { EngineHost } from './engine-host.ts';

export function publishOwnEvent(host: EngineHost, stream: string, event: ValueObject): void {
  const body = new TextEncoder().encode(JSON.stringify(event));
  const request = { stream, format: 'ndjson', timeField: null, slackMs: 0 } as const;
  // A refusal means that no shard is up, and then nobody could read it.
  host.ingest({ ...request, body }).catch(() => undefined);
}
