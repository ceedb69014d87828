/** Shapes of the read side: what `/api/v1/streams|fields|agents|queries|status|ledger` answer. */
import type { FieldChange } from './stream-catalogue.ts';

export interface StreamView {
  readonly name: string;
  /** A view is a saved query that FROM can read; its fields are its columns. */
  readonly kind: 'stream' | 'view';
  readonly agents: number;
  /**
   * How it comes besides agents: `http`, `websocket`, `otlp`, `remote-write`, `statsd`, `syslog`.
   */
  readonly via: readonly string[];
  readonly time: string;
  readonly slackMs: number;
  readonly watermark: number | null;
  readonly lagMs: number | null;
  /** Events a second over the last seconds; null when nobody asks (nothing is counted then). */
  readonly eventsPerSecond: number | null;
  readonly queries: number;
  readonly fields: readonly FieldView[];
  /** What changed of its fields since a minute after they were first seen, oldest first. */
  readonly changes: readonly FieldChange[];
}

export interface FieldView {
  readonly name: string;
  readonly type: string;
  /** A few values that it was seen to have, to suggest; none of what looks like a secret. */
  readonly values: readonly (string | number | boolean)[];
}

export interface AgentView {
  readonly id: string;
  readonly service: string;
  readonly host: string;
  readonly library: string;
  readonly shard: number;
  readonly state: 'live' | 'silent' | 'gone';
  readonly streams: readonly string[];
  readonly watermark: number | null;
  readonly lagMs: number | null;
  readonly connectedAt: number;
  /** Queries that it runs now; 0: nobody asks for what it has. */
  readonly queries: number;
  /** What its process spends for our queries, in percent of a core; null: not told. */
  readonly cpuPercent: number | null;
  /** Events that were published while somebody asked, and what became of them at the source. */
  readonly offered: number;
  readonly aggregated: number;
  readonly sent: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface QueryView {
  readonly id: string;
  readonly canonical: string;
  /** Who asked first; null: the engine itself, for a view or a rule. */
  readonly owner: string | null;
  /** What FROM names: streams, patterns and views. */
  readonly sources: readonly string[];
  readonly streams: readonly string[];
  readonly subscribers: number;
  readonly clients: readonly string[];
  /** Queries and rules that read it inside the engine. */
  readonly readers: number;
  readonly startedAt: number;
  readonly watermark: number | null;
  readonly lagMs: number | null;
  readonly seen: number;
  readonly matched: number;
  readonly late: number;
  readonly rows: number;
  readonly windows: number;
  /** Over the last second or window, whichever is longer; null: too early to say. */
  readonly seenPerSecond: number | null;
  readonly matchedPerSecond: number | null;
  readonly rowsPerSecond: number | null;
  readonly groups: number;
  /** What its functions over series remember, and how many groups they gave up for room. */
  readonly series?: { readonly bytes: number; readonly forgotten: number };
  /** Alert rules and saved queries: others are shed before them. */
  readonly standing: boolean;
  /** Saved queries that have it run and be kept. */
  readonly kept: readonly string[];
  /** It is not evaluated now because the engine cannot keep up. */
  readonly shed: boolean;
  /** It is suspended, and which budget it or its client was over; null: it is within all. */
  readonly overBudget: 'query-state' | 'client-state' | 'client-groups' | null;
  /** What it takes of the shards' time, in percent of one shard, over the last second. */
  readonly busyPercent: number;
  /** Result rows beyond `queryRowsPerSecondMax` that were not told. */
  readonly refusedRows: number;
  /** Events that shards did not count for it, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** What its open panes hold in all shards, or held when they last closed, if that is more. */
  readonly stateBytes: number;
  readonly status: 'complete' | 'partial' | 'degraded' | 'waiting';
}

export interface LedgerView {
  readonly incarnation: string;
  /**
   * offered = filtered + sampledOut + aggregated + sent + dropped, summed over agents as they last
   * said.
   */
  readonly agents: LedgerPage;
  /** received = evaluated + dropped, summed over shards. */
  readonly engine: EngineLedgerPage;
  readonly streams: Readonly<Record<string, EngineLedgerPage>>;
  /** What queries went without: events not evaluated, and rows not told. */
  readonly queries: { readonly shed: number; readonly quota: number; readonly rows: number };
  readonly closes: boolean;
}

export interface LedgerPage {
  readonly offered: number;
  readonly filtered: number;
  readonly sampledOut: number;
  /** Counted by agents for queries that they aggregate, and shipped for none. */
  readonly aggregated: number;
  readonly sent: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface EngineLedgerPage {
  readonly received: number;
  readonly evaluated: number;
  readonly dropped: Readonly<Record<string, number>>;
}

export interface ShardView {
  readonly shard: number;
  readonly state: 'up' | 'down';
  readonly restarts: number;
  /** Of its time it worked, over the last second; null: it has not said. */
  readonly busyPercent: number | null;
  readonly agents: number;
  /** Agents that were asked to connect to another shard, since the engine's start. */
  readonly sentAway: number;
}
