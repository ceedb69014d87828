/**
 * Canonical text of a tree: one order of clauses, keywords in capitals, only the parentheses that
 * are needed. The text names a query, so equal trees print equally, and `parse(print(a)) = a` but
 * for spans. Names that L1 does not cover are back-quoted.
 */
import type {
  Amount,
  ColumnItem,
  FromClause,
  Join,
  OrderItem,
  Query,
  ReplayClause,
  SampleClause,
  SelectItem,
  Source,
  WindowClause,
} from './ast.ts';
import { isPlainName } from './characters.ts';
import {
  printAmount,
  printExpression,
  printOperand,
  printPrimary,
  printString,
} from './print-expression.ts';
import { SAMPLE_KEYS } from './sample-options.ts';
import { quoteName } from './scan-literals.ts';

export { printExpression } from './print-expression.ts';

/** The canonical text of `query`, on one line. */
export function print(query: Query): string {
  const parts = [explainText(query), `SELECT ${query.select.map(selectItemText).join(', ')}`];
  if (query.from !== null) parts.push(fromText(query.from));
  if (query.replay !== null) parts.push(replayText(query.replay));
  if (query.window !== null) parts.push(windowText(query.window));
  if (query.where !== null) parts.push(`WHERE ${printExpression(query.where)}`);
  if (query.groupBy.length > 0) {
    const items = query.groupBy.map((item) => printExpression(item.expression));
    parts.push(`GROUP BY ${items.join(', ')}`);
  }
  if (query.having !== null) parts.push(`HAVING ${printExpression(query.having)}`);
  if (query.anomaly !== null) parts.push(anomalyText(query.anomaly));
  if (query.orderBy.length > 0) {
    parts.push(`ORDER BY ${query.orderBy.map(orderItemText).join(', ')}`);
  }
  if (query.limit !== null) parts.push(`LIMIT ${printAmount(query.limit.count)}`);
  if (query.sample !== null) parts.push(sampleText(query.sample));
  if (query.emit !== null) parts.push(`EMIT EVERY ${printAmount(query.emit.every)}`);
  if (query.lateness !== null) parts.push(`LATENESS ${printAmount(query.lateness.amount)}`);
  return parts.filter((part) => part !== '').join(' ');
}

function explainText(query: Query): string {
  if (query.explain === 'none') return '';
  return query.explain === 'plan' ? 'EXPLAIN' : 'EXPLAIN ANALYZE';
}

function selectItemText(item: SelectItem): string {
  switch (item.kind) {
    case 'star':
      return item.alias === null ? '*' : `${item.alias}.*`;
    case 'prefix':
      return `e[^${printString(item.prefix)}]`;
    case 'column':
      return columnText(item);
  }
}

function columnText(item: ColumnItem): string {
  const text = printExpression(item.expression);
  return item.alias === null ? text : `${text} AS ${aliasText(item.alias)}`;
}

/** Behind AS every word is a name. */
function aliasText(alias: string): string {
  return isPlainName(alias) ? alias : quoteName(alias);
}

function fromText(from: FromClause): string {
  const sources = `FROM ${from.sources.map(sourceText).join(', ')}`;
  return [sources, ...from.joins.map(joinText)].join(' ');
}

function sourceText(source: Source): string {
  const name = source.glob || isPlainName(source.name) ? source.name : quoteName(source.name);
  return source.alias === null ? name : `${name} AS ${aliasText(source.alias)}`;
}

function joinText(join: Join): string {
  const type = join.type === 'left' ? 'LEFT JOIN' : 'JOIN';
  const within = join.within === null ? '' : ` WITHIN ${printAmount(join.within)}`;
  const on = join.on === null ? '' : ` ON ${printExpression(join.on)}`;
  return `${type} ${sourceText(join.source)}${within}${on}`;
}

function replayText(replay: ReplayClause): string {
  if (replay.last !== null) return `LAST ${printAmount(replay.last)}`;
  const since = replay.since === null ? '' : `SINCE ${printOperand(replay.since)}`;
  return replay.until === null ? since : `${since} UNTIL ${printOperand(replay.until)}`;
}

function windowText(window: WindowClause): string {
  switch (window.kind) {
    case 'time-window':
      return `WINDOW ${printAmount(window.size)}${option('SLIDE', window.slide)}`;
    case 'count-window':
      return `WINDOW |${printAmount(window.count)}|${option('TIMEOUT', window.timeout)}`;
    case 'session-window':
      return `WINDOW SESSION ${printAmount(window.gap)}${option('MAX', window.max)}`;
  }
}

function option(word: string, amount: Amount | null): string {
  return amount === null ? '' : ` ${word} ${printAmount(amount)}`;
}

function anomalyText(anomaly: NonNullable<Query['anomaly']>): string {
  const numbers = anomaly.parameters.map((parameter) => ` ${printExpression(parameter)}`).join('');
  return `ANOMALY ${anomaly.method} ${printPrimary(anomaly.column)}${numbers}`;
}

function orderItemText(item: OrderItem): string {
  const direction = item.direction === 'desc' ? ' DESC' : '';
  const nulls = item.nulls === null ? '' : ` NULLS ${item.nulls.toUpperCase()}`;
  return `${printExpression(item.expression)}${direction}${nulls}`;
}

function sampleText(sample: SampleClause): string {
  const { options } = sample;
  if (options === null) return `SAMPLE ${sample.percent ?? 0}%`;
  const entries = SAMPLE_KEYS.filter((key) => options[key] !== undefined).map(
    (key) => `"${key}":${JSON.stringify(options[key])}`,
  );
  return `SAMPLE {${entries.join(',')}}`;
}
