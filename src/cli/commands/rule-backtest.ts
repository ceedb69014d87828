/** `squilla rules backtest`: what a rule would have done, also with other thresholds. */
import { createReadStream } from 'node:fs';
import { Backtest, variantsOf } from '../../alert/backtest.ts';
import type { BacktestResult } from '../../alert/backtest.ts';
import type { CheckedRule } from '../../alert/check-rules.ts';
import { isObject } from '../../model/value.ts';
import type { Value, ValueObject } from '../../model/value.ts';
import { eventTimeMs } from '../../wire/event-time.ts';
import type { CliContext } from '../context.ts';
import type { BacktestFlags } from '../flags.ts';
import { readLines } from '../lines.ts';
import { createPaint } from '../paint.ts';
import { renderTable } from '../table.ts';
import { printMistakes, readRuleFiles } from './rule-files.ts';

/** Progress is shown after so many events, where a human watches. */
const PROGRESS_EVERY = 50_000;

export async function rulesBacktestCommand(
  file: string,
  flags: BacktestFlags,
  context: CliContext,
): Promise<number> {
  const checked = readRuleFiles([file], context);
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
  const { stepMs } = rule.compiled;
  const results = await run(
    flags,
    context,
    (startMs) => new Backtest(variants, { startMs, stepMs }),
  );
  if (results === null) return 1;
  print(results.results(stepMs), flags, context);
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

/** Null: the data cannot be used, which was said. */
async function run(
  flags: BacktestFlags,
  context: CliContext,
  begin: (startMs: number) => Backtest,
): Promise<Backtest | null> {
  const { data, stream } = flags;
  const bytes = data === '-' ? context.readStdin() : createReadStream(data);
  let backtest: Backtest | null = null;
  let line = 0;
  let lastMs = -Infinity;
  try {
    for await (const text of readLines(bytes)) {
      line++;
      if (text.trim() === '') continue;
      const { timeMs, event } = timedEvent(text, flags.time, lastMs);
      lastMs = timeMs;
      backtest ??= begin(timeMs);
      backtest.feed({ stream, timeMs, event });
      if (context.isTerminal && line % PROGRESS_EVERY === 0) context.err(`\r${line} events`);
    }
  } catch (error) {
    context.err(`${data}:${line}: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
  if (context.isTerminal && line >= PROGRESS_EVERY) context.err('\n');
  if (backtest === null) context.err(`${data}: no events\n`);
  return backtest;
}

/** @throws Error that says what is wrong with the line. */
function timedEvent(
  text: string,
  field: string,
  lastMs: number,
): { timeMs: number; event: ValueObject } {
  const event = JSON.parse(text) as Value;
  const timeMs = isObject(event) ? eventTimeMs(event[field] ?? null) : null;
  if (timeMs === null || !isObject(event)) throw new Error(`no time in \`${field}\``);
  if (timeMs < lastMs) throw new Error('events have to come in order of time; sort them first');
  return { timeMs, event };
}

function print(
  results: readonly BacktestResult[],
  flags: BacktestFlags,
  context: CliContext,
): void {
  if (flags.json === true) {
    context.out(`${JSON.stringify(results)}\n`);
    return;
  }
  const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
  const rows = results.map(({ when, pages, flaps, firingMs, longestGapMs }) => [
    ...[when, String(pages), String(flaps), seconds(firingMs), seconds(longestGapMs)],
  ]);
  const header = ['when', 'pages', 'flaps', 'firing', 'longest gap'];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  if (results.length > 1) return;
  for (const { key, from, to, window, reason } of results[0]?.transitions ?? []) {
    const at = window === null ? '' : new Date(window.endMs).toISOString();
    context.out(`${at}  ${key}  ${from} → ${to}  ${reason}\n`);
  }
}
