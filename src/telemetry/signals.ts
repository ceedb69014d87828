/**
 * Every number Squilla publishes about itself: name, kind, help and labels. Names read
 * `squilla_<noun>_<unit>`, with `_total` on counters; labels take their values from closed sets, so
 * the number of series is known at compile time and each has a slot of its own (counters.ts). What
 * depends on user input (streams, agents, queries) is no label: the ledger has a page for each.
 * `docs/metrics.md` lists this catalogue (a test holds the two equal).
 */

/** Why an event or message was lost on purpose. Every drop is counted under one of these. */
export const DROP_REASONS = {
  queue: 'The agent published faster than it could send; oldest events went first.',
  queue_sample: 'Left out by chance by an agent whose queue was filling (`whenFull: sample`).',
  rate_limit: 'More rows than a query or source may send in a second.',
  quota: 'Not evaluated for a query that was over its budget, or whose client was.',
  oversize: 'An event, line, frame or body above its limit.',
  malformed: 'Bytes that are no event.',
  badTime: 'An event time that cannot be read.',
  future: 'Further ahead of the clock than `futureMsMax`.',
  slow_client: 'The client reads too slowly.',
  exchange: 'The queue between two shards was full.',
  spool: 'The spool of an agent was full, or failed, or its process died while it was being sent.',
  resend: 'Sent before a connection broke, and no longer held by the agent.',
  join: 'More rows held in a join than `joinRowsMax` or `joinBytesMax`: they met only what was there.',
  joinPairs: 'Met only some rows of a join, which had looked at `joinPairsPerSecondMax` pairs.',
  windowRows: 'More rows in one window than `windowRowsMax`.',
  sessions: 'More sessions open at once than `openSessionsMax`.',
  panes: 'More windows open at once than `openPanesMax`.',
  shard_restart: 'Held by a shard that failed.',
  engine_restart: 'Acknowledged, but not yet in a result when the engine stopped.',
  shed: 'Not evaluated for a query that was shed because the engine could not keep up.',
  agent_shed: 'Not looked at by an agent that had used its share of a core.',
  udp: 'Datagrams that the system threw away, because they came faster than they were read.',
  closed: 'Still waiting in an agent that was closed.',
  other: 'A reason of an agent that this engine does not know.',
} as const satisfies Record<string, string>;

export type DropReason = keyof typeof DROP_REASONS;

/** A reason as a peer gave it, or `other`. */
export function knownReason(reason: string): DropReason {
  return Object.hasOwn(DROP_REASONS, reason) ? (reason as DropReason) : 'other';
}

export type SignalKind = 'counter' | 'gauge' | 'histogram';

/** Label name → every value it can take. */
export type LabelSets = Readonly<Record<string, readonly string[]>>;

export interface SignalSpec {
  readonly kind: SignalKind;
  readonly help: string;
  readonly labels: LabelSets;
}

const DROPS = Object.keys(DROP_REASONS) as DropReason[];

export const SIGNALS = {
  // The ledger, as the engine sees it.
  squilla_agent_offered_events_total: counter('Events published in agents while a query was live'),
  squilla_agent_filtered_events_total: counter('Events agents looked at that no query wanted'),
  squilla_agent_sampled_out_events_total: counter('Events agents left out by sampling'),
  squilla_agent_aggregated_events_total: counter('Events agents counted and did not ship'),
  squilla_agent_sent_events_total: counter('Events agents put into frames'),
  squilla_received_events_total: counter('Events that reached the engine'),
  squilla_evaluated_events_total: counter('Events that went through the queries'),
  squilla_late_events_total: counter('Events behind a closed window'),
  squilla_dropped_events_total: counter('Events lost on purpose', { reason: DROPS }),

  // Queries.
  squilla_live_queries: gauge('Queries running; equal ones count once'),
  squilla_shed_queries: gauge('Queries that are not evaluated because the engine cannot keep up'),
  squilla_shed_events_total: counter('Events not evaluated for queries that were shed'),
  squilla_over_budget_queries: gauge(
    'Queries suspended because they or their client hold too much',
  ),
  squilla_over_budget_events_total: counter('Events not evaluated for queries that were suspended'),
  squilla_refused_rows_total: counter('Result rows beyond what a query or client may get a second'),
  squilla_open_subscriptions: gauge('Subscriptions to running queries'),
  squilla_started_subscriptions_total: counter('Subscriptions opened'),
  squilla_closed_windows_total: counter('Windows that closed with a result', {
    status: ['complete', 'partial', 'degraded'],
  }),
  squilla_result_delay_ms: histogram('From the end of a window plus its slack to its result'),

  // Clients.
  squilla_live_clients: gauge('Event streams and live sockets that are open'),
  squilla_refused_connections_total: counter('Connections beyond `connectionsMax`, closed at once'),
  squilla_conflated_messages_total: counter(
    'Messages that newer ones replaced before a client read them',
  ),
  squilla_dropped_messages_total: counter('Messages dropped since a client read too slowly'),
  squilla_slow_clients_total: counter('Clients cut off since they read too slowly'),
  squilla_sent_messages_total: counter('Result messages sent to clients'),
  squilla_sent_bytes_total: counter('Bytes of result messages sent to clients'),

  // Agents.
  squilla_connected_agents: gauge('Open connections of agents'),
  squilla_moved_agents_total: counter('Agents asked to connect to another shard'),
  squilla_silent_agents: gauge('Agents that are expected and say nothing'),

  // The engine itself.
  squilla_live_shards: gauge('Shard threads running'),
  squilla_shard_restarts_total: counter('Shards restarted after a failure'),
  squilla_tick_ms: histogram('Time of one turn of the coordinator'),
  squilla_process_resident_bytes: gauge('Memory of the engine process'),
  squilla_process_cpu_seconds_total: counter('Processor time of the engine process'),
  squilla_process_uptime_seconds: gauge('Time since the engine started'),

  // Alerts.
  squilla_live_rules: gauge('Alert rules in force'),
  squilla_broken_rules: gauge('Alert rules that cannot run, or hear no windows'),
  squilla_late_rules: gauge('Alert rules that are behind with their windows'),
  squilla_kept_queries: gauge('Queries whose series are kept now'),
  squilla_kept_series: gauge('Columns of groups whose series are kept'),
  squilla_stuck_standing_queries: gauge('Kept saved queries that do not run'),
  squilla_refused_series_values_total: counter('Values and lines of kept series without a place'),
  squilla_series_write_failures_total: counter('Writes of kept series that failed'),
  squilla_firing_alerts: gauge('Alerts that fire now'),
  squilla_pending_alerts: gauge('Alerts whose condition does not hold for long enough yet'),
  squilla_alert_transitions_total: counter('Changes of state of alerts'),
  squilla_alert_windows_total: counter('Windows evaluated, once for each rule'),
  squilla_alert_busy_ms_total: counter('Time spent with the windows of rules, in ms'),
  squilla_alert_store_failures_total: counter('Alerts that could not be written down at once'),
  squilla_alert_lost_transitions_total: counter(
    'Transitions that were told and are in no history, since the store failed for too long',
  ),
  squilla_alert_dropped_events_total: counter('Events too many for the stream `squilla.alerts`'),
  squilla_refused_rule_reloads_total: counter('Rule files with mistakes that were not taken'),

  // Notifications.
  squilla_settled_notifications_total: counter('Notifications delivered or given up', {
    state: ['sent', 'failed', 'dropped'],
  }),
  squilla_waiting_notifications: gauge('Notifications on their way'),
  squilla_resting_receivers: gauge('Receivers that rest after failures'),
  squilla_open_incidents: gauge('Incidents that receivers were told of and are not over'),
  squilla_muted_alerts: gauge('Alerts that fire and are silenced, inhibited or in maintenance'),
  squilla_active_silences: gauge('Silences in force'),
  squilla_unstored_notifications: gauge('Notifications that wait to be stored; the store fails'),
} as const satisfies Record<`squilla_${string}`, SignalSpec>;

export type SignalName = keyof typeof SIGNALS;

export type SignalNameOf<K extends SignalKind> = {
  [N in SignalName]: (typeof SIGNALS)[N]['kind'] extends K ? N : never;
}[SignalName];

/** A value for each label of the signal. */
export type LabelsOf<N extends SignalName> = {
  readonly [
    L in keyof (typeof SIGNALS)[N]['labels']
  ]: (typeof SIGNALS)[N]['labels'][L] extends readonly (infer V)[] ? V : never;
};

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- no label at all is meant.
type NoLabels = Readonly<Record<never, never>>;

interface Spec<K extends SignalKind, L extends LabelSets | NoLabels> {
  readonly kind: K;
  readonly help: string;
  readonly labels: L;
}

function counter(help: string): Spec<'counter', NoLabels>;
function counter<const L extends LabelSets>(help: string, labels: L): Spec<'counter', L>;
function counter(help: string, labels: LabelSets = {}): Spec<'counter', LabelSets> {
  return { kind: 'counter', help, labels };
}

function gauge(help: string): Spec<'gauge', NoLabels> {
  return { kind: 'gauge', help, labels: {} };
}

function histogram(help: string): Spec<'histogram', NoLabels> {
  return { kind: 'histogram', help, labels: {} };
}
