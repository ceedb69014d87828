/**
 * The parts of the documents that are made from code, between `<!-- generated: NAME -->` and
 * `<!-- end of generated -->`. `npm run docs` writes them; `test/docs.test.ts` fails while a
 * document and the code disagree.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGGREGATES } from '../src/aggregate/catalogue.ts';
import { ANALYSIS_CODES } from '../src/analyze/codes.ts';
import type { AnalysisCodeSpec } from '../src/analyze/codes.ts';
import { NUMBER_SETTINGS } from '../src/config.ts';
import type { NumberSetting } from '../src/config/number-setting.ts';
import { ERRORS } from '../src/core/errors.ts';
import type { ErrorSpec } from '../src/core/errors.ts';
import { FUNCTIONS, signatureText } from '../src/ir/functions.ts';
import { SERIES_FUNCTIONS } from '../src/series/catalogue.ts';
import { TEXT_SETTINGS } from '../src/main/config-file.ts';
import { DROP_REASONS, SIGNALS } from '../src/telemetry/signals.ts';
import type { SignalSpec } from '../src/telemetry/signals.ts';
import { cliHelp } from './cli-help.ts';
import { readEbnf } from './ebnf.ts';
import type { Ebnf } from './ebnf.ts';
import { layerTable } from './layers.ts';
import { formText, railroadSvg } from './railroad.ts';
import { readText, ROOT } from './source-files.ts';

export interface GeneratedPart {
  readonly file: string;
  readonly name: string;
  readonly content: string;
}

export function generatedParts(): GeneratedPart[] {
  return [
    { file: 'ARCHITECTURE.md', name: 'layers', content: layerTable() },
    { file: 'docs/errors.md', name: 'faults', content: faultTable() },
    { file: 'docs/errors.md', name: 'analysis codes', content: analysisTable() },
    { file: 'docs/configuration.md', name: 'settings', content: settingTable() },
    { file: 'docs/configuration.md', name: 'texts', content: textTable() },
    { file: 'docs/cli.md', name: 'commands', content: cliHelp() },
    { file: 'docs/metrics.md', name: 'signals', content: signalTable() },
    { file: 'docs/metrics.md', name: 'drop reasons', content: dropTable() },
    { file: 'docs/language.md', name: 'operators', content: operatorTable() },
    { file: 'docs/language.md', name: 'functions', content: functionTable() },
    { file: 'docs/language.md', name: 'aggregates', content: aggregateTable() },
    { file: 'docs/language.md', name: 'series', content: seriesTable() },
    { file: 'docs/grammar.md', name: 'rules', content: ruleDiagrams() },
    { file: 'docs/grammar.md', name: 'terminals', content: terminalTable() },
  ];
}

/** Where the railroad diagrams of the grammar are. */
export const DIAGRAMS = 'docs/railroad';

/** Files that are made from code as a whole. */
export function generatedFiles(): readonly { readonly file: string; readonly content: string }[] {
  const ebnf = grammar();
  return [...ebnf.rules.keys()].map((name) => ({
    file: `${DIAGRAMS}/${name}.svg`,
    content: railroadSvg(name, ebnf),
  }));
}

/** `text` with the part renewed; null: it has no place for the part. */
export function withPart(text: string, { name, content }: GeneratedPart): string | null {
  const opening = `<!-- generated: ${name} -->`;
  const start = text.indexOf(opening);
  const end = text.indexOf('<!-- end of generated -->', start);
  if (start === -1 || end === -1) return null;
  return `${text.slice(0, start + opening.length)}\n\n${content}\n\n${text.slice(end)}`;
}

function grammar(): Ebnf {
  return readEbnf(readText('grammar/mql.ebnf'));
}

/** The alternative text of a diagram is the rule itself. */
function ruleDiagrams(): string {
  const sections = [...grammar().rules].map(([name, form]) => {
    const text = formText(form).replaceAll('"', '&quot;');
    return `### ${name}\n\n<img src="railroad/${name}.svg" alt="${name} = ${text}">`;
  });
  return sections.join('\n\n');
}

function terminalTable(): string {
  const rows = [...grammar().terminals].map(([name, words]) => [`\`${name}\``, words]);
  return table(['terminal', 'meaning'], rows);
}

function faultTable(): string {
  const rows = Object.entries<ErrorSpec>(ERRORS).map(([code, spec]) => [
    `\`${code}\``,
    spec.title,
    String(spec.status),
    spec.retryable ? 'yes' : 'no',
    spec.remedy,
  ]);
  return table(['code', 'meaning', 'HTTP', 'retry', 'what to do'], rows);
}

function analysisTable(): string {
  const rows = Object.entries<AnalysisCodeSpec>(ANALYSIS_CODES).map(([code, spec]) => [
    `\`${code}\``,
    spec.severity,
    spec.title,
    spec.remedy,
  ]);
  return table(['code', 'severity', 'meaning', 'what to do'], rows);
}

function settingTable(): string {
  const rows = Object.entries<NumberSetting>(NUMBER_SETTINGS).map(([name, spec]) => [
    `\`${name}\``,
    numberText(spec.default),
    spec.unit,
    `${numberText(spec.min)} – ${numberText(spec.max)}`,
    spec.doc,
  ]);
  return table(['setting', 'default', 'unit', 'bounds', 'meaning'], rows);
}

function textTable(): string {
  const rows = Object.entries(TEXT_SETTINGS).map(([name, doc]) => [`\`${name}\``, doc]);
  return table(['setting', 'meaning (default)'], rows);
}

function signalTable(): string {
  const rows = Object.entries<SignalSpec>(SIGNALS).map(([name, spec]) => [
    `\`${name}\``,
    spec.kind,
    labelText(spec),
    spec.help,
  ]);
  return table(['name', 'kind', 'labels', 'meaning'], rows);
}

function labelText({ labels }: SignalSpec): string {
  const texts = Object.entries(labels).map(([label, values]) =>
    label === 'reason' && values.length > 3
      ? `\`${label}\`: see below`
      : `\`${label}\`: ${values.join(', ')}`,
  );
  return texts.join('; ');
}

function dropTable(): string {
  const rows = Object.entries(DROP_REASONS).map(([reason, why]) => [`\`${reason}\``, why]);
  return table(['reason', 'meaning'], rows);
}

function operatorTable(): string {
  const rows = FUNCTIONS.filter(({ family }) => family === 'operator').map(
    ({ symbol, summary, example }) => [`\`${symbol ?? ''}\``, summary, `\`${example}\``],
  );
  return table(['operator', 'meaning', 'example'], rows);
}

function functionTable(): string {
  const rows = FUNCTIONS.filter(({ family }) => family !== 'operator').map((signature) => [
    `\`${signatureText(signature)}\``,
    signature.family,
    signature.summary,
    `\`${signature.example}\``,
  ]);
  return table(['function', 'family', 'meaning', 'example'], rows);
}

function aggregateTable(): string {
  const rows = [...AGGREGATES.values()].map(({ signature, summary, errorBound }) => [
    signature.replaceAll(/[^·]+/g, (part) => `\`${part.trim()}\``).replaceAll('·', '<br>'),
    summary,
    errorBound ?? 'exact',
  ]);
  return table(['aggregate', 'meaning', 'error'], rows);
}

function seriesTable(): string {
  const rows = SERIES_FUNCTIONS.map((definition) => [
    `\`${definition.signature}\``,
    definition.summary,
    definition.firstAnswer,
  ]);
  return table(['function', 'meaning', 'first answer'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** With groups of three digits from five digits on: 7070, 1,000,000. */
function numberText(value: number): string {
  if (value < 10_000) return String(value);
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

if (process.argv.includes('--write')) {
  for (const part of generatedParts()) {
    const renewed = withPart(readText(part.file), part);
    if (renewed === null) throw new Error(`${part.file} has no place for ${part.name}`);
    writeFileSync(join(ROOT, part.file), renewed);
  }
  rmSync(join(ROOT, DIAGRAMS), { recursive: true, force: true });
  mkdirSync(join(ROOT, DIAGRAMS), { recursive: true });
  for (const { file, content } of generatedFiles()) writeFileSync(join(ROOT, file), content);
}
