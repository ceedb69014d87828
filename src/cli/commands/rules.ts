/** `squilla rules list|show|why|diff`: the rules of a running engine. */
import type { RuleDetail, RuleView } from '../../alert/alert-views.ts';
import type { AlertExplanation } from '../../alert/explain-alert.ts';
import { readRuleFile } from '../../alert/rule-file.ts';
import type { Rule } from '../../alert/rule.ts';
import type { AlertTransition } from '../../alert/transition.ts';
import { canonicalJson } from '../../plan/fingerprint.ts';
import type { Value } from '../../model/value.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags, WhyFlags } from '../flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';
import { printMistakes, readRuleFiles } from './rule-files.ts';

/** Null: it failed, which was said. */
async function get<T>(path: string, flags: ClientFlags, context: CliContext): Promise<T | null> {
  const answer = await callApi(flags, path);
  if (answer.ok) return answer.body as T;
  context.err(`${answer.message}\n`);
  return null;
}

export async function rulesListCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const answer = await get<{ rules: RuleView[] }>('/api/v1/rules', flags, context);
  if (answer === null) return 1;
  if (flags.json === true) {
    context.out(`${JSON.stringify(answer.rules)}\n`);
    return 0;
  }
  if (answer.rules.length === 0) {
    context.out('No rules yet. Begin one: squilla rules new\n');
    return 0;
  }
  const rows = answer.rules.map((rule) => [
    printable(rule.name),
    rule.state,
    rule.health,
    String(rule.alerts.firing),
    String(rule.alerts.pending),
    rule.severity,
    printable(rule.origin),
    printable(rule.trouble ?? ''),
  ]);
  const header = ['rule', 'state', 'health', 'firing', 'pending', 'severity', 'from', 'trouble'];
  const paint = createPaint(context.colors);
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  return 0;
}

export async function rulesShowCommand(
  name: string,
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const path = `/api/v1/rules/${encodeURIComponent(name)}`;
  const rule = await get<RuleDetail>(path, flags, context);
  if (rule === null) return 1;
  if (flags.json === true) {
    context.out(`${JSON.stringify(rule)}\n`);
    return 0;
  }
  const paint = createPaint(context.colors);
  const trouble = rule.trouble === null ? '' : `: ${printable(rule.trouble)}`;
  context.out(
    `${paint('bold', printable(rule.name))} version ${rule.version}, ${rule.health}${trouble}\n`,
  );
  context.out(`${rule.text.trimEnd()}\n\n`);
  const rows = rule.keys.map(({ key, state, trail }) => [
    printable(key),
    state,
    trail
      .slice(-8)
      .map((value) => (value === null ? '–' : String(Math.round(value * 100) / 100)))
      .join(' '),
  ]);
  const header = ['alert', 'state', 'last windows'];
  context.out(renderTable(header, rows, { columns: context.columns, paint }));
  return 0;
}

export async function rulesWhyCommand(
  name: string,
  flags: WhyFlags,
  context: CliContext,
): Promise<number> {
  const key = keyFrom(flags.key ?? []);
  if (key === null) {
    context.err('--key: write it as column=value\n');
    return 2;
  }
  const search = new URLSearchParams();
  if (Object.keys(key).length > 0) search.set('key', canonicalJson(key));
  if (flags.at !== undefined) search.set('at', flags.at);
  const path = `/api/v1/rules/${encodeURIComponent(name)}/why?${search.toString()}`;
  const answer = await get<{ alerts: AlertExplanation[]; transitions: AlertTransition[] }>(
    path,
    flags,
    context,
  );
  if (answer === null) return 1;
  if (flags.json === true) {
    context.out(`${JSON.stringify(answer)}\n`);
    return 0;
  }
  const paint = createPaint(context.colors);
  for (const { key: alert, state, waitsFor, windows } of answer.alerts) {
    const waits = waitsFor === null ? '' : `, waits for ${waitsFor}`;
    context.out(`${paint('bold', printable(canonicalJson(alert)))} ${state}${waits}\n`);
    for (const { window, value, why } of windows) {
      const shown = value === null ? '–' : String(value);
      context.out(
        `  ${new Date(window.endMs).toISOString()}  ${shown.padStart(10)}  ${printable(why)}\n`,
      );
    }
  }
  for (const { atMs, from, to, key: alert, reason } of answer.transitions) {
    const at = new Date(atMs).toISOString();
    context.out(`${at}  ${printable(alert)}  ${from} → ${to}  ${printable(reason)}\n`);
  }
  return 0;
}

/** Numbers and booleans are taken for what they look like. */
function keyFrom(parts: readonly string[]): Record<string, Value> | null {
  const key: Record<string, Value> = {};
  for (const part of parts) {
    const at = part.indexOf('=');
    if (at < 1) return null;
    const text = part.slice(at + 1);
    const isPlain = /^(?:-?\d+(?:\.\d+)?|true|false|null)$/.test(text);
    key[part.slice(0, at)] = isPlain ? (JSON.parse(text) as Value) : text;
  }
  return key;
}

export async function rulesDiffCommand(
  files: readonly string[],
  flags: ClientFlags,
  context: CliContext,
): Promise<number> {
  const checked = readRuleFiles(files, context);
  if (checked === null || printMistakes(checked, context)) return 1;
  const wanted = new Map(
    checked.flatMap(({ rules }) => rules.map(({ rule }) => [rule.name, rule] as const)),
  );
  const changes = await changesTo(wanted, flags, context);
  if (changes === null) return 1;
  if (flags.json === true) context.out(`${JSON.stringify(changes)}\n`);
  else if (changes.length === 0) context.out('no changes\n');
  else {
    for (const { name, change } of changes) context.out(`${MARKS[change]} ${printable(name)}\n`);
  }
  return changes.length === 0 ? 0 : 1;
}

const MARKS = { new: '+', changed: '~', gone: '-' } as const;

interface RuleChange {
  readonly name: string;
  readonly change: keyof typeof MARKS;
}

/** Null: the engine does not answer, which was said. */
async function changesTo(
  wanted: ReadonlyMap<string, Rule>,
  flags: ClientFlags,
  context: CliContext,
): Promise<RuleChange[] | null> {
  const answer = await get<{ rules: RuleView[] }>('/api/v1/rules', flags, context);
  if (answer === null) return null;
  const there = new Map(answer.rules.map((rule) => [rule.name, rule]));
  const changes: RuleChange[] = [];
  for (const [name, rule] of wanted) {
    if (!there.has(name)) {
      changes.push({ name, change: 'new' });
      continue;
    }
    const path = `/api/v1/rules/${encodeURIComponent(name)}`;
    const detail = await get<RuleDetail>(path, flags, context);
    if (detail === null) return null;
    const known = readRuleFile(detail.text).rules[0]?.rule;
    if (canonicalJson(known) !== canonicalJson(rule)) changes.push({ name, change: 'changed' });
  }
  for (const { name, origin } of answer.rules) {
    if (!wanted.has(name) && origin !== 'api') changes.push({ name, change: 'gone' });
  }
  return changes;
}
