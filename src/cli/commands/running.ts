/** `squilla queries` and `squilla stop`: what runs now. */
import type { QueryView } from '../../coordinator/views.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags } from '../flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';

const ID_SHOWN = 8;

export async function queriesCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/queries');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const queries = queriesIn(answer.body);
  if (flags.json === true) {
    context.out(`${JSON.stringify(queries)}\n`);
    return 0;
  }
  if (queries.length === 0) {
    context.out("No query runs. Ask one: squilla query 'select …'\n");
    return 0;
  }
  const rows = queries.map((query) => [
    query.id.slice(0, ID_SHOWN),
    printable(query.owner ?? '–'),
    String(query.subscribers),
    query.status,
    rate(query.seenPerSecond),
    rate(query.matchedPerSecond),
    String(query.groups),
    String(Math.ceil(query.stateBytes / 1_024)),
    printable(query.canonical),
  ]);
  const header = [
    'id',
    'owner',
    'readers',
    'status',
    'seen/s',
    'matched/s',
    'groups',
    'KiB',
    'query',
  ];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  return 0;
}

export async function stopCommand(
  id: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const listed = await callApi(flags, '/api/v1/queries');
  if (!listed.ok) {
    context.err(`${listed.message}\n`);
    return 1;
  }
  const meant = queriesIn(listed.body).filter((query) => query.id.startsWith(id));
  const [query, ...others] = meant;
  if (query === undefined || others.length > 0) {
    const how = query === undefined ? 'no running query' : `${meant.length} running queries`;
    context.err(`${how} begins with ${printable(id)}; see: squilla queries\n`);
    return 1;
  }
  const answer = await callApi(flags, `/api/v1/queries/${query.id}`, { method: 'DELETE' });
  if (answer.ok) return 0;
  context.err(`${answer.message}\n`);
  return 1;
}

function queriesIn(body: unknown): readonly QueryView[] {
  return (body as { readonly queries: readonly QueryView[] }).queries;
}

function rate(perSecond: number | null): string {
  return perSecond === null ? '–' : String(perSecond);
}
