/** `squilla eval`: a query over finite NDJSON, like jq; result rows as NDJSON. */
import { createReadStream } from 'node:fs';
import { hasErrors } from '../../../grammar/diagnostic.ts';
import { eventTimeMs } from '../../wire/event-time.ts';
import type { Event, Value } from '../../model/value.ts';
import { isObject } from '../../model/value.ts';
import { evaluate } from '../../reference/evaluate.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import { readLines } from '../lines.ts';
import { createPaint } from '../paint.ts';
import { readParameters } from '../parameters.ts';
import type { EvalFlags } from '../flags.ts';

const BAD_LINES_SHOWN = 5;

export interface EvalRequest {
  readonly mql: string;
  /** `-` is standard input; none: standard input. */
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
  const read = await readEvents(request.files, context);
  if (read === null) return 1;
  const { rows, diagnostics } = await evaluate(mql, read.events, {
    now,
    params: readParameters(flags.param ?? {}),
    ...(flags.time === undefined ? {} : { time: flags.time }),
  });
  const paint = createPaint(context.colors);
  if (diagnostics.length > 0) context.err(renderDiagnostics(mql, diagnostics, paint));
  for (const row of rows) context.out(`${JSON.stringify(row)}\n`);
  return hasErrors(diagnostics) || read.badLines > 0 ? 1 : 0;
}

/** Null: a file cannot be read, which was said. Bad lines are said and left out. */
async function readEvents(
  files: readonly string[],
  context: CliContext,
): Promise<{ events: Event[]; badLines: number } | null> {
  const events: Event[] = [];
  let badLines = 0;
  for (const file of files.length === 0 ? ['-'] : files) {
    const bytes = file === '-' ? context.readStdin() : createReadStream(file);
    const name = file === '-' ? 'standard input' : file;
    let line = 0;
    try {
      for await (const text of readLines(bytes)) {
        line++;
        if (text.trim().length === 0) continue;
        const value = parseLine(text);
        if (value !== undefined && isObject(value)) {
          events.push(value);
          continue;
        }
        badLines++;
        if (badLines <= BAD_LINES_SHOWN) {
          context.err(`${name}:${line}: not a JSON object; the line is left out\n`);
        }
      }
    } catch (error) {
      context.err(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
      return null;
    }
  }
  if (badLines > BAD_LINES_SHOWN) context.err(`${badLines} bad lines in all\n`);
  return { events, badLines };
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
