/** `squilla eval`: a query over finite NDJSON, like jq; result rows as NDJSON. */
import { createReadStream } from 'node:fs';
import { hasErrors } from '../../../grammar/diagnostic.ts';
import { eventTimeMs } from '../../wire/event-time.ts';
import type { Event, Value } from '../../model/value.ts';
import { isObject } from '../../model/value.ts';
import { DEFAULT_STREAM } from '../../analyze/source-scope.ts';
import type { EvaluateEvents } from '../../reference/evaluate-input.ts';
import { evaluate } from '../../reference/evaluate.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import { readLines } from '../lines.ts';
import { createPaint } from '../paint.ts';
import { readParameters } from '../parameters.ts';
import type { EvalFlags } from '../flags.ts';
import { tablesFromFiles } from '../table-files.ts';
import { viewsFromFiles } from '../view-files.ts';

const BAD_LINES_SHOWN = 5;

export interface EvalRequest {
  readonly mql: string;
  /** `-` is standard input; none: standard input. `name=file`: events of that stream. */
  readonly files: readonly string[];
  readonly flags: EvalFlags;
}

export async function evalCommand(request: EvalRequest, context: CliContext): Promise<number> {
  const { mql, flags } = request;
  const now = flags.now === undefined ? 0 : eventTimeMs(numberOrText(flags.now));
  if (now === null) {
    context.err(`--now: not a time: ${flags.now}\n`);
    return 2;
  }
  const tables = await tablesFromFiles(flags.table ?? {}, flags.tableKey ?? {});
  if (typeof tables === 'string') {
    context.err(`${tables}\n`);
    return 1;
  }
  const views = await viewsFromFiles(flags.view ?? {});
  if (typeof views === 'string') {
    context.err(`${views}\n`);
    return 1;
  }
  const read = await readEvents(request.files, context);
  if (read === null) return 1;
  const { rows, diagnostics } = await evaluate(mql, read.events, {
    now,
    params: readParameters(flags.param ?? {}),
    tables,
    views,
    ...(flags.time === undefined ? {} : { time: flags.time }),
  });
  const paint = createPaint(context.colors);
  if (diagnostics.length > 0) context.err(renderDiagnostics(mql, diagnostics, paint));
  for (const row of rows) context.out(`${JSON.stringify(row)}\n`);
  return hasErrors(diagnostics) || read.badLines > 0 ? 1 : 0;
}

interface ReadEvents {
  /** A list for the query's stream, or lists by stream where some file names one. */
  readonly events: EvaluateEvents;
  readonly badLines: number;
}

/** Null: a file cannot be read, which was said. Bad lines are said and left out. */
async function readEvents(
  files: readonly string[],
  context: CliContext,
): Promise<ReadEvents | null> {
  const unnamed: Event[] = [];
  const named = new Map<string, Event[]>();
  let badLines = 0;
  for (const given of files.length === 0 ? ['-'] : files) {
    const [stream, file] = streamAndFile(given);
    const events = stream === null ? unnamed : (named.get(stream) ?? []);
    if (stream !== null) named.set(stream, events);
    const bad = await readFileOf(file, context, { events, badBefore: badLines });
    if (bad === null) return null;
    badLines += bad;
  }
  if (badLines > BAD_LINES_SHOWN) context.err(`${badLines} bad lines in all\n`);
  if (named.size === 0) return { events: unnamed, badLines };
  const lists = Object.fromEntries(named);
  const events = unnamed.length === 0 ? lists : { [DEFAULT_STREAM]: unnamed, ...lists };
  return { events, badLines };
}

/** How many lines were bad; null: the file cannot be read. */
async function readFileOf(
  file: string,
  context: CliContext,
  into: { readonly events: Event[]; readonly badBefore: number },
): Promise<number | null> {
  const bytes = file === '-' ? context.readStdin() : createReadStream(file);
  const name = file === '-' ? 'standard input' : file;
  let line = 0;
  let bad = 0;
  try {
    for await (const text of readLines(bytes)) {
      line++;
      if (text.trim().length === 0) continue;
      const value = parseLine(text);
      if (value !== undefined && isObject(value)) {
        into.events.push(value);
        continue;
      }
      bad++;
      if (into.badBefore + bad <= BAD_LINES_SHOWN) {
        context.err(`${name}:${line}: not a JSON object; the line is left out\n`);
      }
    }
  } catch (error) {
    context.err(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
  return bad;
}

/** `plays=plays.ndjson`; a path has a slash, a dot or a dash before any `=`. */
function streamAndFile(given: string): readonly [stream: string | null, file: string] {
  const [, stream, file] = /^([\p{L}_][\p{L}\p{Nd}_]*)=(.+)$/u.exec(given) ?? [];
  return stream === undefined || file === undefined ? [null, given] : [stream, file];
}

function parseLine(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    // Reported by the caller with its line number.
    return undefined;
  }
}

function numberOrText(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}
