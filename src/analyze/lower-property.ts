/**
 * Properties → reads of the event. Strips the alias of a source, binds `[$p]`, and says what looks
 * misspelt. The meaning of a name never depends on what the catalogue knows.
 */
import type { PathStep, Property } from '../../grammar/ast.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { Expression as Ir, FieldPath, FieldStep } from '../ir/expression.ts';
import { joinedPath } from '../ir/join.ts';
import { pathOfSource } from '../ir/stream-path.ts';
import { isAggregateName } from './aggregate-names.ts';
import type { AnalysisContext } from './context.ts';
import { call, NULL } from './ir-nodes.ts';
import type { JoinedSource } from './join-scope.ts';
import type { AliasSplit } from './source-scope.ts';

export function lowerProperty(node: Property, context: AnalysisContext): Ir {
  if (context.sources.joined !== null) {
    return lowerJoinedProperty(node, context.sources.joined, context);
  }
  const split = context.sources.splitAlias(node);
  const path = propertyPath(node, split?.rest ?? null, context);
  const merged = split === null ? null : context.sources.mergedAs(split.alias);
  if (split !== null && merged !== null) {
    checkNameOf(split, node, context);
    return { op: 'field', path: pathOfSource(merged.pattern, path) };
  }
  checkFirst(path, node, context);
  return { op: 'field', path };
}

/**
 * In a join: the property of its alias; without one, of the first source that has it, in the order
 * they are written.
 */
function lowerJoinedProperty(
  node: Property,
  joined: readonly JoinedSource[],
  context: AnalysisContext,
): Ir {
  const { report, sources } = context;
  const split = sources.splitAlias(node);
  const path = propertyPath(node, split?.rest ?? null, context);
  if (split !== null) {
    checkNameOf(split, node, context);
    return { op: 'field', path: joinedPath(split.alias, path) };
  }
  if (hasEach(path)) {
    const message = 'in a join `[*]` needs the source whose list is meant';
    report.add('MQL_JOIN_CONDITION', node.span, message, { hint: hintOf(joined, node) });
    return NULL;
  }
  checkFirst(path, node, context);
  const owners = joined.filter(({ alias }) => knowsFirst(path, alias, context));
  if (owners.length > 1) {
    const names = owners.map(({ alias }) => `\`${alias}\``).join(' and ');
    const message = `${names} both have it; the first that is not null counts`;
    report.add('MQL_AMBIGUOUS_NAME', node.span, message, { hint: hintOf(joined, node) });
  }
  return firstOf(joined, path);
}

/** What the first of the sources that has it holds at `path`. */
export function firstOf(joined: readonly JoinedSource[], path: FieldPath): Ir {
  const fields = joined.map(({ alias }): Ir => ({ op: 'field', path: joinedPath(alias, path) }));
  const [only = NULL, ...others] = fields;
  return others.length === 0 ? only : call('coalesce', ...fields);
}

/** The event that a row stands for; of a join, the keys of all its events. */
export function wholeEvent(context: AnalysisContext): Ir {
  return ofAllEvents([], context);
}

/** The top-level keys with that prefix of the event that a row stands for; of a join, of all. */
export function keysWith(prefix: string, context: AnalysisContext): Ir {
  return ofAllEvents([{ by: 'prefix', prefix }], context);
}

function ofAllEvents(path: FieldPath, { sources }: AnalysisContext): Ir {
  if (sources.joined === null) return { op: 'field', path };
  const events = sources.joined.map(({ alias }): Ir => {
    return { op: 'field', path: joinedPath(alias, path) };
  });
  return call('merge', ...events);
}

/** @param rest What is left of a dotted name behind its alias; null: the whole name. */
export function propertyPath(
  node: Property,
  rest: string | null,
  context: AnalysisContext,
): FieldPath {
  const path: FieldStep[] = [];
  const { root } = node;
  if (root.kind === 'name') path.push({ by: 'name', name: rest ?? root.name });
  if (root.kind === 'quoted') path.push({ by: 'key', key: root.name });
  for (const step of node.steps) path.push(lowerStep(step, context));
  return path;
}

export function hasEach(path: FieldPath): boolean {
  return path.some((step) => step.by === 'each');
}

function lowerStep(step: PathStep, context: AnalysisContext): FieldStep {
  switch (step.kind) {
    case 'key':
      return { by: 'key', key: step.key };
    case 'index':
      return { by: 'index', index: step.index };
    case 'each':
      return { by: 'each' };
    case 'name':
      return { by: 'name', name: step.name };
    case 'parameter': {
      const value = context.parameters.value(step.name, step.span);
      if (typeof value === 'string') return { by: 'key', key: value };
      if (Number.isSafeInteger(value)) return { by: 'index', index: value as number };
      if (value !== null) {
        const message = `$${step.name} must be a text or a whole number to stand in brackets`;
        context.report.add('MQL_PARAMETER_TYPE', step.span, message);
      }
      return { by: 'index', index: 0 };
    }
  }
}

function checkFirst([first]: FieldPath, node: Property, context: AnalysisContext): void {
  if (first?.by === 'name') checkName(first.name, node, context);
  if (first?.by === 'key') checkKey(first.key, node, context);
}

function knowsFirst([first]: FieldPath, alias: string, { sources }: AnalysisContext): boolean {
  if (first?.by === 'name') return sources.knowsOf(alias, first.name);
  return first?.by === 'key' && sources.knowsOf(alias, first.key);
}

function checkNameOf(
  { alias, rest }: AliasSplit,
  node: Property,
  { sources, report }: AnalysisContext,
): void {
  const fields = sources.fieldsOf(alias);
  if (fields === null || fields.size === 0 || sources.knowsOf(alias, rest)) return;
  const near = suggest(rest, [...fields.keys()]);
  const message = `\`${alias}\` had no field \`${rest}\` yet`;
  const text = `${alias}.${near}`;
  const fix = { title: `Change to ${text}`, span: node.span, text };
  report.add('MQL_UNKNOWN_FIELD', node.span, message, {
    hint: near === null ? undefined : `Did you mean \`${text}\`?`,
    fixes: near === null || node.steps.length > 0 ? undefined : [fix],
  });
}

function hintOf(joined: readonly JoinedSource[], node: Property): string {
  const name = node.root.kind === 'event' ? 'name' : node.root.name;
  return `Say whose, for example \`${joined[0]?.alias}.${name}\`.`;
}

function checkName(name: string, node: Property, context: AnalysisContext): void {
  const { report, sources } = context;
  if (sources.isDenied(name)) {
    report.add('MQL_DENIED_FIELD', node.span, `the field \`${name}\` is denied by its owner`);
  }
  if (sources.knows(name)) return;
  // Names with a dash or slash have a warning of their own, whatever is known.
  if (/[-/]/.test(name)) return;
  if (sources.knowsFields) reportUnknown(name, node, context);
}

function checkKey(key: string, node: Property, context: AnalysisContext): void {
  if (context.sources.knowsFields && !context.sources.knows(key)) reportUnknown(key, node, context);
}

function reportUnknown(name: string, node: Property, context: AnalysisContext): void {
  const slip = slipOf(name, node, context);
  if (slip !== null) {
    const message = `no event had the field \`${name}\` yet`;
    context.report.add('MQL_UNKNOWN_FIELD', node.span, message, { hint: slip });
    return;
  }
  const near = suggest(name, context.sources.fieldNames);
  context.report.add('MQL_UNKNOWN_FIELD', node.span, `no event had the field \`${name}\` yet`, {
    hint: near === null ? undefined : `Did you mean \`${near}\`?`,
    fixes:
      near === null || node.steps.length > 0 || node.root.kind !== 'name'
        ? undefined
        : [{ title: `Change to ${near}`, span: node.span, text: near }],
  });
}

/** A function without its parentheses, or the stream in front of a name, as in SQL. */
function slipOf(name: string, node: Property, { sources }: AnalysisContext): string | null {
  if (node.steps.length > 0) return null;
  if (isAggregateName(name) && !name.includes('.')) return `As a function it is ${name}(…).`;
  const dot = name.indexOf('.');
  const stream = name.slice(0, Math.max(dot, 0));
  if (!sources.patterns.some(({ pattern }) => pattern === stream)) return null;
  const alone = `\`${stream}\` is the stream: write \`${name.slice(dot + 1)}\``;
  return `${alone}, or give it an alias, \`FROM ${stream} x\`.`;
}
