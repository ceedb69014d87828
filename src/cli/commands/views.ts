/** `squilla streams` and `squilla status`: what a running engine knows. */
import type { StreamView } from '../../coordinator/views.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import { createPaint, printable } from '../paint.ts';
import type { ClientFlags } from '../flags.ts';
import { renderTable } from '../table.ts';

const FIELDS_SHOWN = 12;

/** @param wanted The stream whose fields are shown; without it all streams are listed. */
export async function streamsCommand(
  wanted: string | undefined,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const answer = await callApi(flags, '/api/v1/streams');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const all = listOf<StreamView>(answer.body, 'streams');
  const streams = wanted === undefined ? all : all.filter(({ name }) => name === wanted);
  if (wanted !== undefined && streams.length === 0) {
    context.err(`There is no stream ${printable(wanted)} yet.\n`);
    return 1;
  }
  if (flags.json === true) {
    context.out(`${JSON.stringify(streams)}\n`);
    return 0;
  }
  if (streams.length === 0) {
    context.out('No streams yet. Offer one: squilla agent host\n');
    return 0;
  }
  const [one] = streams;
  if (wanted !== undefined && one !== undefined) {
    context.out(fieldTable(one, context));
    return 0;
  }
  const rows = streams.map((stream) => [
    printable(stream.kind === 'view' ? `${stream.name} (view)` : stream.name),
    String(stream.agents),
    stream.via.join(' '),
    stream.eventsPerSecond === null ? '–' : String(stream.eventsPerSecond),
    stream.lagMs === null ? '–' : `${stream.lagMs} ms`,
    fieldList(stream),
  ]);
  const table = renderTable(['stream', 'agents', 'via', 'events/s', 'lag', 'fields'], rows, {
    columns: context.columns,
    paint: createPaint(context.colors),
  });
  context.out(table);
  return 0;
}

interface StatusView {
  readonly version: string;
  readonly transport: string;
  readonly uptimeMs: number;
  readonly shards: readonly {
    readonly shard: number;
    readonly state: string;
    readonly sentAway: number;
  }[];
  readonly agents: { readonly live: number; readonly silent: number };
  readonly streams: number;
  readonly queries: number;
  readonly subscriptions: number;
  readonly ledgerCloses: boolean;
  readonly store: { readonly driver: string; readonly path: string | null };
  readonly memory: { readonly residentBytes: number };
}

export async function statusCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/status');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  if (flags.json === true) {
    context.out(`${JSON.stringify(answer.body)}\n`);
    return 0;
  }
  const status = answer.body as StatusView;
  const paint = createPaint(context.colors);
  const down = status.shards.filter((shard) => shard.state !== 'up').length;
  const isWell = down === 0 && status.ledgerCloses;
  const lines = [
    ['engine', `${isWell ? paint('green', 'well') : paint('red', 'not well')}, ${status.version}`],
    ['up for', elapsed(status.uptimeMs)],
    ['shards', shardsText(status)],
    ['agents', `${status.agents.live} live, ${status.agents.silent} silent`],
    ['streams', String(status.streams)],
    ['queries', `${status.queries} running for ${status.subscriptions} subscriptions`],
    ['ledger', status.ledgerCloses ? 'closes' : paint('red', 'does not close')],
    ['store', `${printable(status.store.path ?? 'in memory')} (${status.store.driver})`],
    ['memory', `${Math.round(status.memory.residentBytes / 1e6)} MB`],
  ];
  for (const [name, text] of lines) context.out(`${(name ?? '').padEnd(8)} ${text}\n`);
  return isWell ? 0 : 1;
}

function shardsText({ shards, transport }: StatusView): string {
  const up = shards.filter(({ state }) => state === 'up').length;
  const moves = shards.reduce((sum, { sentAway }) => sum + sentAway, 0);
  const moved = moves === 0 ? '' : `; agents were moved ${moves} times`;
  return `${up} of ${shards.length} (${transport})${moved}`;
}

function listOf<T>(body: unknown, key: string): readonly T[] {
  if (Array.isArray(body)) return body as T[];
  return ((body as Record<string, unknown>)[key] ?? []) as readonly T[];
}

function fieldList(stream: StreamView): string {
  const names = stream.fields.slice(0, FIELDS_SHOWN).map((field) => printable(field.name));
  const more = stream.fields.length - names.length;
  return `${names.join(', ')}${more > 0 ? `, … ${more} more` : ''}`;
}

function fieldTable({ fields }: StreamView, context: CliContext): string {
  if (fields.length === 0) return 'No fields yet: they appear once events were seen.\n';
  const rows = fields.map(({ name, type, values }) => [
    printable(name),
    type,
    (values ?? []).map((value) => printable(JSON.stringify(value))).join(', '),
  ]);
  return renderTable(['field', 'type', 'some values'], rows, {
    columns: context.columns,
    paint: createPaint(context.colors),
  });
}

function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
