/** `squilla notify …` and `squilla notifications`: receivers, routes and what was delivered. */
import { readFileSync } from 'node:fs';
import { ConfigFiles } from '../../alert/notify/config-files.ts';
import { fromAlertmanager } from '../../alert/notify/from-alertmanager.ts';
import { pageText } from '../../alert/receivers/page.ts';
import type { OutboxJob } from '../../alert/notify/outbox-job.ts';
import { routeTree } from '../../alert/notify/routing.ts';
import { routeTest } from '../../alert/notify/views.ts';
import type { Delivery } from '../../alert/receivers/contract.ts';
import type { ReceiverView } from '../../gateway/notify-port.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags } from '../flags.ts';
import type { NotificationsFlags, RouteTestFlags } from '../notify-flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';
import { timeText } from './silence.ts';

type Reached = ReturnType<typeof routeTest>;

export async function notifyTestCommand(
  name: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const path = `/api/v1/receivers/${encodeURIComponent(name)}/test`;
  const answer = await callApi(flags, path, { method: 'POST', body: {} });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const { outcome, note } = answer.body as Delivery;
  const text = `${name} ${outcome === 'taken' ? 'took it' : 'did not take it'}: ${note}`;
  if (outcome === 'taken') context.out(`${printable(text)}\n`);
  else context.err(`${printable(text)}\n`);
  return outcome === 'taken' ? 0 : 1;
}

export function notifyCheckCommand(path: string, context: CliContext): number {
  const read = new ConfigFiles(path).poll();
  if (read === null || !read.ok) {
    for (const mistake of read?.error ?? []) context.err(`${printable(mistake)}\n`);
    return 1;
  }
  const { receivers, route, inhibitions, maintenance } = read.value;
  const counts = `${receivers.size} receivers, ${inhibitions.length} inhibitions, ${maintenance.length} maintenance windows`;
  context.out(`${counts}${route === null ? '; no `route`: nobody is told of anything' : ''}\n`);
  return 0;
}

export function notifyConvertCommand(file: string, context: CliContext): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    context.err(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const converted = fromAlertmanager(text);
  if (!converted.ok) {
    context.err(`${file}: ${printable(converted.error)}\n`);
    return 1;
  }
  context.out(converted.value.text);
  for (const note of converted.value.notes) context.err(`${printable(note)}\n`);
  return 0;
}

export async function receiversCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/receivers');
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const { receivers } = answer.body as { receivers: ReceiverView[] };
  if (flags.json === true) {
    context.out(`${JSON.stringify(receivers)}\n`);
    return 0;
  }
  if (receivers.length === 0) {
    context.out('There are no receivers; see docs/notifications.md and `squilla up --notify`.\n');
    return 0;
  }
  const rows = receivers.map(({ name, type, waiting, breaker }) => [
    printable(name),
    type,
    String(waiting),
    breaker === 'closed' ? 'works' : 'rests after failures',
  ]);
  const paint = createPaint(context.colors);
  context.out(
    renderTable(['receiver', 'type', 'waiting', ''], rows, { columns: context.columns, paint }),
  );
  return 0;
}

export async function routeTestCommand(
  labels: readonly string[],
  flags: RouteTestFlags,
  context: CliContext,
): Promise<number> {
  const wanted: Record<string, string> = {};
  for (const text of labels) {
    const at = text.indexOf('=');
    if (at < 1) {
      context.err(`${printable(text)}: write labels as name=value\n`);
      return 2;
    }
    wanted[text.slice(0, at)] = text.slice(at + 1);
  }
  const reached = await reachedBy(wanted, flags, context);
  if (reached === null) return 1;
  if (flags.json === true) context.out(`${JSON.stringify(reached)}\n`);
  else if (reached.length === 0) context.out('nobody is told: there is no route\n');
  else {
    for (const { route, receiver, groupBy } of reached) {
      context.out(
        `${printable(`${receiver}  by route ${route}, grouped by ${groupBy.join(', ')}`)}\n`,
      );
    }
  }
  return reached.length === 0 ? 1 : 0;
}

async function reachedBy(
  labels: Readonly<Record<string, string>>,
  flags: RouteTestFlags,
  context: CliContext,
): Promise<Reached | null> {
  if (flags.file !== undefined) {
    const read = new ConfigFiles(flags.file).poll();
    if (read !== null && read.ok) {
      const { route } = read.value;
      return routeTest(route === null ? null : routeTree(route), labels);
    }
    for (const mistake of read?.error ?? []) context.err(`${printable(mistake)}\n`);
    return null;
  }
  const body = { labels };
  const answer = await callApi(flags, '/api/v1/routes/test', { method: 'POST', body });
  if (answer.ok) return (answer.body as { routes: Reached }).routes;
  context.err(`${answer.message}\n`);
  return null;
}

export async function notificationsCommand(
  flags: NotificationsFlags,
  context: CliContext,
): Promise<number> {
  const search = new URLSearchParams();
  const { receiver, incident, state, limit } = flags;
  for (const [name, value] of Object.entries({ receiver, incident, state, limit })) {
    if (value !== undefined) search.set(name, value);
  }
  const answer = await callApi(flags, `/api/v1/notifications?${search.toString()}`);
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const { notifications } = answer.body as { notifications: OutboxJob[] };
  if (flags.json === true) {
    context.out(`${JSON.stringify(notifications)}\n`);
    return 0;
  }
  if (notifications.length === 0) {
    context.out('Nothing was told yet.\n');
    return 0;
  }
  if (flags.pages === true) {
    const lines = notifications.flatMap(({ notification }) => [
      ...pageText(notification).split('\n'),
      '',
    ]);
    context.out(lines.map((line) => `${printable(line)}\n`).join(''));
    return 0;
  }
  const rows = notifications.map(({ notification, state, attempts, createdMs, note }) => [
    timeText(createdMs),
    printable(notification.receiver),
    notification.reason,
    notification.status,
    printable(notification.group.labels['alertname'] ?? ''),
    state,
    String(attempts),
    printable(note),
  ]);
  const head = ['at', 'receiver', 'why', 'status', 'alert', 'state', 'tries', 'said'];
  const paint = createPaint(context.colors);
  context.out(renderTable(head, rows, { columns: context.columns, paint }));
  return 0;
}
