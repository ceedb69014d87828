/** The rows of EXPLAIN as a tree, and of EXPLAIN ANALYZE with what flows beside each stage. */
import type { ValueObject } from '../model/value.ts';
import { printable } from './paint.ts';

/** @param columns Of the terminal; longer lines are cut. */
export function planText(rows: readonly ValueObject[], columns: number): string {
  const lines = rows.map((row) => ({ plan: printable(textOf(row['plan'])), flow: flowText(row) }));
  // The text of the query stands alone; it would push all figures to the right.
  const heads = lines.filter(({ flow }) => flow !== '');
  const width = heads.reduce((most, { plan }) => Math.max(most, plan.length), 0);
  return lines
    .map(({ plan, flow }) => (flow === '' ? plan : `${plan.padEnd(width)}  ${flow}`))
    .map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line))
    .map((line) => `${line}\n`)
    .join('');
}

function flowText(row: ValueObject): string {
  if (row['in'] === undefined) return '';
  const rates = `${rate(row['in_per_second'])} → ${rate(row['out_per_second'])}`;
  const counts = `${textOf(row['in'])} → ${textOf(row['out'])}`;
  const bytes = typeof row['bytes'] === 'number' ? [byteText(row['bytes'])] : [];
  return [rates, counts, ...bytes, printable(textOf(row['note']))].join(' · ');
}

function rate(value: ValueObject[string] | undefined): string {
  return typeof value === 'number' ? `${value}/s` : '–';
}

function byteText(bytes: number): string {
  return bytes < 10_240 ? `${bytes} B` : `${Math.round(bytes / 1_024)} KiB`;
}

function textOf(value: ValueObject[string] | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}
