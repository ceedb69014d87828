/**
 * `squilla rules backtest`: what a rule would have done, also with other thresholds; over events
 * here, or over what an engine kept of its windows there.
 */
import { createReadStream } from 'node:fs';
import { Backtest } from '../../alert/backtest.ts';
import type { BacktestReport } from '../../alert/backtest.ts';
import type { CheckedRule } from '../../alert/check-rules.ts';
import { variantsOf } from '../../alert/rule-variants.ts';
import type { Variant } from '../../alert/rule-variants.ts';
import { timedEvent } from '../../alert/timed-lines.ts';
import type { Problem } from '../../wire/results.ts';
import { callApi, problemText } from '../api.ts';
import type { CliContext } from '../context.ts';
import { durationMs } from '../duration.ts';
import type { BacktestFlags } from '../flags.ts';
import { readLines } from '../lines.ts';
import { createPaint } from '../paint.ts';
import { renderTable } from '../table.ts';
import { printMistakes, readRulesWithSaved } from './rule-files.ts';

/** Progress is shown after so many events, where a human watches. */
const PROGRESS_EVERY = 50_000;

export async function rulesBacktestCommand(
  file: string,
  flags: BacktestFlags,
  context: CliContext,
): Promise<number> {
  const checked = await readRulesWithSaved([file], flags, context);
  if (checked === null || printMistakes(checked, context)) return 1;
  const rules = checked.flatMap((one) => one.rules);
  const rule = chosenRule(rules, flags, context);
  const thresholds = flags.sweep === undefined ? [] : flags.sweep.split(',').map(Number);
  if (rule === null) return 2;
  if (thresholds.some((value) => !Number.isFinite(value))) {
    context.err(`--sweep: numbers with commas between them, not ${flags.sweep}\n`);
    return 2;
  }
  const variants = variantsOf(rule, thresholds);
  if (typeof variants === 'string') {
    context.err(`--sweep: ${variants}\n`);
    return 2;
  }
  const past = pastOf(flags);
  if (typeof past === 'string') {
    context.err(`${past}\n`);
    return 2;
  }
  const report =
    'keptMs' in past
      ? await keptReport(rule, thresholds, past.keptMs, { flags, context })
      : await eventsReport(rule, variants, past, context);
  if (report === null) return 1;
  print(report, flags, context);
  return 0;
}

function chosenRule(
  rules: readonly CheckedRule[],
  flags: BacktestFlags,
  context: CliContext,
): CheckedRule | null {
  const named = flags.rule === undefined ? rules : rules.filter((r) => r.rule.name === flags.rule);
  const [rule] = named;
  if (rule !== undefined && named.length === 1) return rule;
  const names = rules.map(({ rule: { name } }) => name).join(', ');
  context.err(`--rule: one of ${names}\n`);
  return null;
}

interface EventsFile {
  readonly data: string;
  readonly time: string;
  readonly stream: string;
}

function pastOf({
  data,
  kept,
  stream,
  time,
}: BacktestFlags): EventsFile | { readonly keptMs: number } | string {
  if ((data === undefined) === (kept === undefined)) {
    return 'Say what the past is: --data FILE --time FIELD --stream NAME, or --kept 24h.';
  }
  if (kept !== undefined) {
    const keptMs = durationMs(kept);
    return keptMs === null ? `--kept: a duration such as 24h or 7d, not ${kept}` : { keptMs };
  }
  if (data === undefined || time === undefined || stream === undefined) {
    return '--data goes with --time FIELD and --stream NAME.';
  }
  return { data, time, stream };
}

/** Null: the engine gave none, which was said. */
async function keptReport(
  rule: CheckedRule,
  sweep: readonly number[],
  keptMs: number,
  { flags, context }: { readonly flags: BacktestFlags; readonly context: CliContext },
): Promise<BacktestReport | null> {
  const toMs = Math.floor(context.now());
  const body = { text: rule.text, sweep, series: { from: Math.floor(toMs - keptMs), to: toMs } };
  const answer = await callApi(flags, '/api/v1/rules/backtest', { method: 'POST', body });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return null;
  }
  const last = (answer.body as { report?: BacktestReport; problem?: Problem }[]).at(-1);
  if (last?.report !== undefined) return last.report;
  context.err(`${problemText(last?.problem ?? {})}\n`);
  return null;
}

/** Null: the data cannot be used, which was said. */
async function eventsReport(
  rule: CheckedRule,
  variants: readonly Variant[],
  { data, stream, time }: EventsFile,
  context: CliContext,
): Promise<BacktestReport | null> {
  const bytes = data === '-' ? context.readStdin() : createReadStream(data);
  let backtest: Backtest | null = null;
  let line = 0;
  let lastMs = -Infinity;
  try {
    for await (const text of readLines(bytes)) {
      line++;
      if (text.trim() === '') continue;
      const { timeMs, event } = timedEvent(text, time, lastMs);
      lastMs = timeMs;
      backtest ??= new Backtest(rule, variants, { startMs: timeMs });
      backtest.feed({ stream, timeMs, event });
      if (context.isTerminal && line % PROGRESS_EVERY === 0) context.err(`\r${line} events`);
    }
  } catch (error) {
    context.err(`${data}:${line}: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
  if (context.isTerminal && line >= PROGRESS_EVERY) context.err('\n');
  if (backtest === null) context.err(`${data}: no events\n`);
  return backtest?.report() ?? null;
}

function print(report: BacktestReport, flags: BacktestFlags, context: CliContext): void {
  if (flags.json === true) {
    context.out(`${JSON.stringify(report)}\n`);
    return;
  }
  const { notes, results } = report;
  const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
  const rows = results.map(({ when, pages, flaps, firingMs, longestGapMs }) => [
    ...[when, String(pages), String(flaps), seconds(firingMs), seconds(longestGapMs)],
  ]);
  const header = ['when', 'pages', 'flaps', 'firing', 'longest gap'];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  for (const note of notes) context.out(`${note}\n`);
  const [only] = results;
  if (results.length > 1 || only === undefined) return;
  for (const { key, from, to, window, reason } of only.transitions) {
    const at = window === null ? '' : new Date(window.endMs).toISOString();
    context.out(`${at}  ${key}  ${from} → ${to}  ${reason}\n`);
  }
  if (only.transitionsOmitted > 0) context.out(`… and ${only.transitionsOmitted} more\n`);
}
