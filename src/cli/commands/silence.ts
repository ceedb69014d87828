/** `squilla silence add|preview|list|expire`. */
import { userInfo } from 'node:os';
import type { HeldAlertView, SilenceView } from '../../alert/notify/views.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags } from '../flags.ts';
import type { SilenceFlags } from '../notify-flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';

const MUTED_SHOWN = 20;

export async function silenceAddCommand(
  matchers: readonly string[],
  flags: SilenceFlags,
  context: CliContext,
): Promise<number> {
  // Asked first: afterwards they are muted, and a mistyped matcher is seen before it swallows a
  // page.
  const muted = await previewed(matchers, flags, context);
  if (muted === null) return 1;
  const { comment } = flags;
  const body = { matchers, for: flags.for, comment, author: flags.author ?? userName() };
  const answer = await callApi(flags, '/api/v1/silences', { method: 'POST', body });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const { id } = answer.body as { id: string };
  if (flags.json === true) {
    context.out(`${JSON.stringify({ id, mutes: muted.length })}\n`);
    return 0;
  }
  context.out(`${id}\n`);
  printMuted(muted, context);
  return 0;
}

export async function silencePreviewCommand(
  matchers: readonly string[],
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const muted = await previewed(matchers, flags, context);
  if (muted === null) return 1;
  if (flags.json === true) context.out(`${JSON.stringify(muted)}\n`);
  else printMuted(muted, context);
  return 0;
}

export async function silenceListCommand(
  flags: ClientFlags & { readonly all?: boolean },
  context: CliContext,
): Promise<number> {
  const silences = await silencesOf(flags, context);
  if (silences === null) return 1;
  const shown = silences.filter(({ state }) => flags.all === true || state !== 'expired');
  if (flags.json === true) {
    context.out(`${JSON.stringify(shown)}\n`);
    return 0;
  }
  if (shown.length === 0) {
    context.out('No silence is in force.\n');
    return 0;
  }
  const paint = createPaint(context.colors);
  const rows = shown.map((silence) => [
    silence.id.slice(0, 8),
    silence.state,
    printable(silence.matchers.join(' ')),
    timeText(silence.endsAtMs),
    printable(silence.author),
    silence.stale === null ? String(silence.mutes.length) : paint('yellow', silence.stale),
    printable(silence.comment),
  ]);
  const head = ['id', 'state', 'matchers', 'until', 'by', 'mutes', 'why'];
  context.out(renderTable(head, rows, { columns: context.columns, paint }));
  return 0;
}

export async function silenceExpireCommand(
  id: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const silences = await silencesOf(flags, context);
  if (silences === null) return 1;
  const found = silences.filter(
    (silence) => silence.state !== 'expired' && silence.id.startsWith(id),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) {
    context.err(found.length > 1 ? `${found.length} silences begin so\n` : 'no such silence\n');
    return 1;
  }
  const path = `/api/v1/silences/${encodeURIComponent(first.id)}`;
  const answer = await callApi(flags, path, { method: 'DELETE' });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  context.out(`${first.id} has ended; ${first.mutes.length} alerts are heard again\n`);
  return 0;
}

async function previewed(
  matchers: readonly string[],
  flags: ClientFlags,
  context: CliContext,
): Promise<readonly HeldAlertView[] | null> {
  const body = { matchers };
  const answer = await callApi(flags, '/api/v1/silences/preview', { method: 'POST', body });
  if (answer.ok) return (answer.body as { alerts: HeldAlertView[] }).alerts;
  context.err(`${answer.message}\n`);
  return null;
}

async function silencesOf(
  flags: ClientFlags,
  context: CliContext,
): Promise<readonly SilenceView[] | null> {
  const answer = await callApi(flags, '/api/v1/silences');
  if (answer.ok) return (answer.body as { silences: SilenceView[] }).silences;
  context.err(`${answer.message}\n`);
  return null;
}

function printMuted(muted: readonly HeldAlertView[], context: CliContext): void {
  if (muted.length === 0) {
    context.out('mutes nothing now\n');
    return;
  }
  context.out(`mutes ${muted.length} now:\n`);
  for (const { labels } of muted.slice(0, MUTED_SHOWN)) {
    const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    context.out(`  ${printable(text.join(' '))}\n`);
  }
  if (muted.length > MUTED_SHOWN) context.out(`  and ${muted.length - MUTED_SHOWN} more\n`);
}

export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return '';
  }
}
