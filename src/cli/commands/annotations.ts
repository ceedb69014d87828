/** `squilla annotate` and `squilla annotations`. */
import type { Annotation } from '../../board/annotations.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { AnnotateFlags, AnnotationsFlags } from '../flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';

export async function annotateCommand(
  title: string,
  flags: AnnotateFlags,
  context: CliContext,
): Promise<number> {
  const body = {
    title,
    ...(flags.text === undefined ? {} : { text: flags.text }),
    ...(flags.time === undefined ? {} : { time: timeFrom(flags.time) }),
    ...(flags.end === undefined ? {} : { endTime: timeFrom(flags.end) }),
    tags: flags.tag ?? [],
  };
  const answer = await callApi(flags, '/api/v1/annotations', { method: 'POST', body });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const { id, timeMs } = answer.body as Annotation;
  context.out(`${id} at ${new Date(timeMs).toISOString()}\n`);
  return 0;
}

export async function annotationsCommand(
  flags: AnnotationsFlags,
  context: CliContext,
): Promise<number> {
  const search = new URLSearchParams((flags.tag ?? []).map((tag) => ['tag', tag]));
  if (flags.from !== undefined) search.set('from', flags.from);
  if (flags.to !== undefined) search.set('to', flags.to);
  const answer = await callApi(flags, `/api/v1/annotations?${search.toString()}`);
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const { annotations } = answer.body as { readonly annotations: readonly Annotation[] };
  if (flags.json === true) {
    context.out(`${JSON.stringify(annotations)}\n`);
    return 0;
  }
  if (annotations.length === 0) {
    context.out("Nothing yet. Say what happened: squilla annotate 'deploy web 1.4.2'\n");
    return 0;
  }
  const rows = annotations.map(({ timeMs, title, tags, author }) => [
    new Date(timeMs).toISOString(),
    printable(title),
    printable(tags.join(' ')),
    printable(author),
  ]);
  const paint = createPaint(context.colors);
  const header = ['time', 'what', 'tags', 'by'];
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  return 0;
}

/** Milliseconds go as a number, anything else is judged by the engine. */
function timeFrom(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
