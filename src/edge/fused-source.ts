/**
 * All queries of one stream as one generated function: what `StreamEvaluator.look` does by
 * closures, for one event. Each field is read once, each dear expression is evaluated once, and
 * counts go straight into the arrays of the pane, which the function keeps at hand in registers and
 * reads anew whenever some table says that its layout is another (`TableBudget.layout`) or the
 * event is of another pane. Times are no arguments: a number that is handed to two calls is boxed
 * for every event, even if neither is made.
 *
 * What is generated consists of fixed texts, of literals made by `JSON.stringify`, and of names
 * that are made here; see `expr/expression-source.ts`.
 * Bench: bench/agent.ts.
 */
import { createEvalCounters } from '../expr/context.ts';
import type { RowContext } from '../expr/context.ts';
import { ExpressionSource, innerBlock, outerBlock } from '../expr/expression-source.ts';
import type { SourceBlock } from '../expr/expression-source.ts';
import type { Expression, FieldPath } from '../ir/expression.ts';
import type { Event } from '../model/value.ts';
import type { EdgeQuery } from './edge-query.ts';
import type { EdgeTable, TableBudget } from './edge-table.ts';
import { keepsTexts } from './aggregate-feeds.ts';
import { cacheDeclarations, cachedLookup, cacheReset } from './key-cache-source.ts';
import { writeFeed } from './feed-source.ts';
import type { Registers } from './feed-source.ts';
import type { FieldMemo } from './field-memo.ts';
import { LOOKED } from './looked.ts';
import { fieldsOf } from './fields-of.ts';

export interface FusedParts {
  /** Tables whose queries have expressions. */
  readonly tables: readonly { readonly query: EdgeQuery; readonly table: EdgeTable }[];
  /** Of queries that ship their events. */
  readonly wanted: readonly (Expression | null)[];
}

export interface FusedAround {
  readonly agentId: string;
  readonly budget: TableBudget;
  readonly memo: FieldMemo;
}

/** Of the evaluator. */
export interface FusedRow {
  readonly row: RowContext;
  /** Closures read the row's event: it is set only where one is called. */
  readonly begin: (event: Event) => unknown;
}

/** Source of a function's body and what it is bound to, by name. */
export interface FusedSource {
  readonly body: string;
  readonly bound: ReadonlyMap<string, unknown>;
}

export function fusedSource(
  parts: FusedParts,
  { begin, row }: FusedRow,
  around: FusedAround,
): FusedSource {
  return new FusedWriter(around, { begin, row }).write(parts);
}

class FusedWriter {
  readonly #expressions: ExpressionSource;
  readonly #agentId: string;
  /** Per table, so that a pane is asked for before its arrays. */
  readonly #panes: {
    readonly table: string;
    readonly registers: Registers;
    readonly cache: boolean;
  }[] = [];
  #needsOrder = false;

  constructor({ agentId, budget, memo }: FusedAround, { begin, row }: FusedRow) {
    this.#agentId = agentId;
    const readField = (path: FieldPath): ReturnType<FieldMemo['reader']> => memo.reader(path);
    this.#expressions = new ExpressionSource({ ...createEvalCounters(), readField });
    this.#expressions.bound.set('budget', budget);
    this.#expressions.bound.set('begin', begin);
    this.#expressions.bound.set('row', row);
    this.#expressions.bound.set('span', new Float64Array([Infinity, -Infinity]));
  }

  write({ tables, wanted }: FusedParts): FusedSource {
    const block = outerBlock();
    this.#readShared(tables, wanted, block);
    const before = block.lines.splice(0);
    for (const { query, table } of tables) this.#table(query, table, block);
    this.#judge(wanted, block);
    const lines = [
      '"use strict";',
      ...this.#registers(),
      'return (event, sequence) => {',
      this.#expressions.declarations,
      'let looked = 0;',
      ...(this.#expressions.callsClosures ? ['begin(event);'] : []),
      ...(tables.length > 0 ? this.#begin() : []),
      ...before,
      ...block.lines,
      'return looked;',
      '};',
    ];
    return { body: lines.join('\n'), bound: this.#expressions.bound };
  }

  /** Fields that several queries read; all others are read where they are needed. */
  #readShared(
    tables: FusedParts['tables'],
    wanted: readonly (Expression | null)[],
    block: SourceBlock,
  ): void {
    const readers = new Map<string, { readonly path: FieldPath; queries: number }>();
    const perQuery = [
      ...tables.map(({ query, table }) => fieldsOf(query.source.where, table.program.stage)),
      ...wanted.map((where) => fieldsOf(where, null)),
    ];
    for (const path of perQuery.flat()) {
      const key = JSON.stringify(path);
      const reader = readers.get(key);
      if (reader === undefined) readers.set(key, { path, queries: 1 });
      else reader.queries++;
    }
    for (const { path, queries } of readers.values()) {
      if (queries > 1) this.#expressions.read(path, block);
    }
  }

  #registers(): readonly string[] {
    if (this.#panes.length === 0) return [];
    const lines = ['let layout = NaN;'];
    for (const [i, { cache, registers, table }] of this.#panes.entries()) {
      lines.push(
        `let p${i}${[...registers.keys()].map((name) => `, ${name}`).join('')};`,
        ...(cache ? cacheDeclarations(i) : []),
        `const turn${i} = () => {`,
        `const pane = ${table}.paneAt(row.timeMs);`,
        ...(cache ? [`if (pane !== p${i}) ${cacheReset(i)}`] : []),
        `p${i} = pane;`,
        ...[...registers].map(([name, source]) => `${name} = ${source};`),
        '};',
      );
    }
    return [
      ...lines,
      'const turn = () => {',
      'span[0] = -Infinity; span[1] = Infinity;',
      ...[...this.#panes.keys()].flatMap((i) => [
        `turn${i}();`,
        `if (p${i}.startMs > span[0]) span[0] = p${i}.startMs;`,
        `if (p${i}.endMs < span[1]) span[1] = p${i}.endMs;`,
      ]),
      'layout = budget.layout;',
      '};',
    ];
  }

  #begin(): readonly string[] {
    const order = { timeMs: 0, agentId: this.#agentId, sequence: 0 };
    if (this.#needsOrder) this.#expressions.bound.set('order', order);
    return [
      'const timeMs = row.timeMs;',
      'if (budget.layout !== layout || timeMs < span[0] || timeMs >= span[1]) turn();',
      ...(this.#needsOrder ? ['order.timeMs = timeMs; order.sequence = sequence;'] : []),
    ];
  }

  #table({ source }: EdgeQuery, table: EdgeTable, block: SourceBlock): void {
    const { sampler } = table.program;
    const i = this.#panes.length;
    const name = this.#expressions.slot(table);
    const registers: Registers = new Map();
    const cache = table.program.keys.length > 0;
    this.#panes.push({ table: name, registers, cache });
    block.lines.push(`p${i}.seen++;`);
    let inside = block;
    if (sampler !== null) {
      block.lines.push(`if (${this.#expressions.slot(sampler)}(event, sequence, timeMs)) {`);
      inside = innerBlock(block);
    }
    if (source.where === null) this.#take(table, { i, name, registers }, inside);
    else this.#filter(source.where, table, { i, name, registers }, inside);
    if (sampler !== null) block.lines.push(...inside.lines, '}');
  }

  #filter(where: Expression, table: EdgeTable, at: TablePlace, block: SourceBlock): void {
    const condition = this.#expressions.truth(where, block);
    const passed = innerBlock(block);
    this.#take(table, at, passed);
    const not = `looked |= ${LOOKED.filtered};`;
    block.lines.push(`if (${condition}) {`, ...passed.lines, `} else ${not}`);
  }

  #take(table: EdgeTable, { i, name, registers }: TablePlace, outer: SourceBlock): void {
    const { longTexts, stage } = table.program;
    // A block of its own, for the names that are declared.
    const block = innerBlock(outer);
    block.lines.push(`p${i}.matched++;`, `looked |= ${LOOKED.aggregated};`);
    const group = stage.keys.length === 0 ? '0' : `g${i}`;
    if (stage.keys.length > 0) this.#group(stage.keys, { i, name, registers }, block);
    for (const [a, spec] of stage.aggregates.entries()) {
      let inside = block;
      if (spec.filter !== null) {
        block.lines.push(`if (${this.#expressions.truth(spec.filter, block)}) {`);
        inside = innerBlock(block);
      }
      const aggregate = `p${i}.contents.aggregates[${a}]`;
      const id = `${i}_${a}`;
      const target = {
        ...{ id, aggregate, group, registers },
        longTexts: this.#expressions.slot(longTexts),
      };
      writeFeed(spec, target, this.#expressions, inside);
      if (spec.filter !== null) block.lines.push(...inside.lines, '}');
    }
    if (stage.aggregates.some(keepsTexts)) {
      this.#needsOrder = true;
      const texts = this.#expressions.slot(longTexts);
      block.lines.push(`if (${texts}.bytes > 0) ${name}.keepTexts();`);
    }
    outer.lines.push('{', ...block.lines, '}');
  }

  /** Declares `g` with the table's number. */
  #group(
    keys: readonly Expression[],
    { i, name, registers }: TablePlace,
    block: SourceBlock,
  ): void {
    registers.set(`m${i}`, `p${i}.contents.groups.first`);
    registers.set(`z${i}`, `p${i}.contents.states.firstSeenMs`);
    let found = `m${i}`;
    for (const [k, key] of keys.entries()) {
      const value = this.#expressions.value(key, block);
      const name = k === keys.length - 1 ? `g${i}` : `l${i}_${k}`;
      if (k === 0) block.lines.push(...cachedLookup({ i, name, map: found, value }));
      else {
        const next = `${found} === undefined ? undefined : ${found}.get(${value})`;
        block.lines.push(`let ${name} = ${next};`);
      }
      found = name;
    }
    block.lines.push(
      `if (g${i} === undefined) {`,
      'begin(event);',
      `g${i} = ${name}.groupAt(row);`,
      `if (budget.layout !== layout) { turn${i}(); layout = budget.layout; }`,
      '}',
      `if (timeMs < z${i}[g${i}]) z${i}[g${i}] = timeMs;`,
    );
  }

  #judge(wanted: readonly (Expression | null)[], block: SourceBlock): void {
    if (wanted.length === 0) return;
    if (wanted.includes(null)) {
      block.lines.push(`looked |= ${LOOKED.wanted};`);
      return;
    }
    block.lines.push('let isWanted = false;');
    for (const where of wanted as readonly Expression[]) {
      const inside = innerBlock(block);
      const condition = this.#expressions.truth(where, inside);
      block.lines.push('if (!isWanted) {', ...inside.lines, `isWanted = ${condition};`, '}');
    }
    block.lines.push(`looked |= isWanted ? ${LOOKED.wanted} : ${LOOKED.filtered};`);
  }
}

interface TablePlace {
  readonly i: number;
  /** Of the table, in code. */
  readonly name: string;
  readonly registers: Registers;
}
