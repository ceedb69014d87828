/** `squilla query`: a live answer in the terminal, or NDJSON for programs. */
import type { SavedQueryView } from '../../coordinator/saved-desk.ts';
import type { Value, ValueObject } from '../../model/value.ts';
import type { Diagnostic } from '../../../grammar/diagnostic.ts';
import { parse } from '../../../grammar/parse.ts';
import { connect } from '../../client/connect.ts';
import type { ErrorMessage, ResultMessage, RowsMessage } from '../../wire/results.ts';
import { callApi, problemText, unreachableText } from '../api.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import { durationMs } from '../duration.ts';
import { LiveView } from '../live-view.ts';
import { createPaint } from '../paint.ts';
import { readParameters } from '../parameters.ts';
import { planText } from '../plan-text.ts';
import type { QueryFlags } from '../flags.ts';

const CLEAR_DOWN = '\u001b[0J';

export async function queryCommand(
  given: string | undefined,
  flags: QueryFlags,
  context: CliContext,
): Promise<number> {
  const forMs = flags.for === undefined ? null : durationMs(flags.for);
  if (flags.for !== undefined && forMs === null) {
    context.err(`--for: not a duration: ${flags.for} (write 10s, 5m, 500ms)\n`);
    return 2;
  }
  const asked = await queryOf(given, flags, context);
  if (asked === null) return 2;
  const { mql, params } = asked;
  const client = connect(flags.url, flags.token === undefined ? {} : { token: flags.token });
  const printer = new Printer(mql, flags, context);
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | null = null;
    const finish = (code: number): void => {
      if (timer !== null) clearTimeout(timer);
      client.close();
      resolve(code);
    };
    context.signal.addEventListener('abort', () => finish(0), { once: true });
    if (forMs !== null) timer = setTimeout(() => finish(0), forMs);
    client.onState((state) => {
      if (state.status !== 'waiting') return;
      // Without a first connection there is nothing to wait for; later ones are resumed.
      if (!state.everConnected) {
        context.err(`${unreachableText(flags.url, state.reason)}\n`);
        finish(1);
      } else context.err(`connection lost (${state.reason}); reconnecting\n`);
    });
    client.subscribe(mql, {
      params,
      kept: wantsKept(mql, flags, context),
      onMessage: (message, id) => {
        const code = printer.print(message, id);
        if (code !== null) finish(code);
      },
    });
  });
}

/**
 * What is printed below each other begins now: old lines before it would be taken for news. A
 * picture of windows that is drawn in one place has its trend at once, and says what is kept.
 */
function wantsKept(mql: string, flags: QueryFlags, { isTerminal }: CliContext): boolean {
  if (flags.kept !== undefined) return flags.kept;
  const isDrawn = isTerminal && flags.json !== true && flags.rows !== true;
  return isDrawn && parse(mql).ast?.window != null;
}

interface Asked {
  readonly mql: string;
  readonly params: Readonly<Record<string, Value>>;
}

/** The text that was given, or that of a saved query. Null: there is none, which was said. */
async function queryOf(
  given: string | undefined,
  flags: QueryFlags,
  context: CliContext,
): Promise<Asked | null> {
  const params = readParameters(flags.param ?? {});
  if ((given === undefined) === (flags.saved === undefined)) {
    context.err('give a query, or --saved with the name of one\n');
    return null;
  }
  if (given !== undefined) return { mql: given, params };
  const answer = await callApi(
    flags,
    `/api/v1/saved-queries/${encodeURIComponent(flags.saved ?? '')}`,
  );
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return null;
  }
  const saved = answer.body as SavedQueryView;
  return { mql: saved.text, params: { ...saved.params, ...params } };
}

class Printer {
  readonly #query: string;
  readonly #flags: QueryFlags;
  readonly #context: CliContext;
  readonly #view: LiveView;
  #remaining: number;
  /** EXPLAIN and EXPLAIN ANALYZE. */
  #isPlan = false;
  #parts: ValueObject[] = [];
  #drawnLines = 0;

  constructor(query: string, flags: QueryFlags, context: CliContext) {
    this.#query = query;
    this.#flags = flags;
    this.#context = context;
    this.#remaining = flags.limit ?? Infinity;
    const paint = createPaint(context.colors);
    this.#view = new LiveView({ columns: context.columns, paint });
  }

  /** The exit code once the query is over, else null. */
  print(message: ResultMessage, id: string | null): number | null {
    if (this.#flags.json === true) return this.#printJson(message, id);
    switch (message.type) {
      case 'schema':
        this.#isPlan = message.columns[0]?.name === 'plan';
        this.#view.schema(message);
        for (const { message: text, hint } of message.warnings) {
          this.#context.err(`warning: ${text}${hint === undefined ? '' : ` (${hint})`}\n`);
        }
        return null;
      case 'rows':
        return this.#printRows(message);
      case 'error':
        this.#printError(message);
        return 1;
      case 'end':
        if (message.reason !== 'limit' && message.reason !== 'explained') {
          this.#context.err(`the query ended: ${message.reason}\n`);
        }
        return 0;
      case 'gap':
        this.#context.err(`gap: results are missing here (${message.reason})\n`);
        return null;
      case 'drop':
        this.#context.err(`${message.count} rows left out (${message.reason})\n`);
        return null;
      case 'progress':
      case 'completeness':
        return null;
    }
  }

  #printJson(message: ResultMessage, id: string | null): number | null {
    let shown = message;
    if (message.type === 'rows') {
      shown = { ...message, rows: message.rows.slice(0, this.#remaining) };
      if (!message.provisional) this.#remaining -= shown.rows.length;
    }
    this.#context.out(`${JSON.stringify({ id, ...shown })}\n`);
    if (message.type === 'error') return 1;
    return message.type === 'end' || this.#remaining <= 0 ? 0 : null;
  }

  #printRows(message: RowsMessage): number | null {
    this.#parts.push(...message.rows);
    if (!message.last) return null;
    const rows = this.#parts.slice(0, this.#remaining);
    this.#parts = [];
    if (!message.provisional) this.#remaining -= rows.length;
    if (this.#flags.rows === true) {
      if (!message.provisional)
        this.#context.out(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    } else if (this.#isPlan) this.#redraw(planText(rows, this.#context.columns));
    else if (message.append) this.#context.out(this.#view.lines(rows));
    else this.#redraw(this.#view.window(message, rows));
    return this.#remaining <= 0 ? 0 : null;
  }

  /** On a terminal over the previous picture, elsewhere below it. */
  #redraw(picture: string): void {
    if (!this.#context.isTerminal) {
      this.#context.out(picture);
      return;
    }
    const up = this.#drawnLines === 0 ? '' : `\u001b[${this.#drawnLines}A\r${CLEAR_DOWN}`;
    this.#context.out(up + picture);
    this.#drawnLines = picture.split('\n').length - 1;
  }

  #printError({ problem }: ErrorMessage): void {
    const diagnostics = problem['diagnostics'];
    if (Array.isArray(diagnostics)) {
      const paint = createPaint(this.#context.colors);
      this.#context.err(renderDiagnostics(this.#query, diagnostics as Diagnostic[], paint));
    } else this.#context.err(`${problemText(problem)}\n`);
  }
}
