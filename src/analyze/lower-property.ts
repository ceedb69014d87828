/**
 * Properties → paths. Strips the alias of a source, binds `[$p]`, and says what looks misspelt. The
 * meaning of a name never depends on what the catalogue knows.
 */
import type { PathStep, Property } from '../../grammar/ast.ts';
import { suggest } from '../../grammar/suggest.ts';
import type { FieldPath, FieldStep } from '../ir/expression.ts';
import type { AnalysisContext } from './context.ts';

export function lowerProperty(node: Property, context: AnalysisContext): FieldPath {
  const split = context.sources.splitAlias(node);
  if (split !== null && context.sources.hasSeveralSources) {
    context.report.unsupported(
      node.span,
      `a property of one source of several (\`${split.alias}.\`)`,
      'Leave out the alias: the property is read from the events of every source.',
    );
  }
  const path: FieldStep[] = [];
  const { root } = node;
  if (root.kind === 'name') path.push({ by: 'name', name: split?.rest ?? root.name });
  if (root.kind === 'quoted') path.push({ by: 'key', key: root.name });
  for (const step of node.steps) path.push(lowerStep(step, node, context));
  const [first] = path;
  if (first?.by === 'name') checkName(first.name, node, context);
  if (first?.by === 'key') checkKey(first.key, node, context);
  return path;
}

export function hasEach(path: FieldPath): boolean {
  return path.some((step) => step.by === 'each');
}

function lowerStep(step: PathStep, node: Property, context: AnalysisContext): FieldStep {
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
      const value = context.parameters.value(step.name, node.span);
      if (typeof value === 'string') return { by: 'key', key: value };
      if (Number.isSafeInteger(value)) return { by: 'index', index: value as number };
      if (value !== null) {
        const message = `$${step.name} must be a text or a whole number to stand in brackets`;
        context.report.add('MQL_PARAMETER_TYPE', node.span, message);
      }
      return { by: 'index', index: 0 };
    }
  }
}

function checkName(name: string, node: Property, context: AnalysisContext): void {
  const { sources } = context;
  if (sources.knows(name)) return;
  // Names with a dash or slash have a warning of their own, whatever is known.
  if (/[-/]/.test(name)) return;
  if (sources.knowsFields) reportUnknown(name, node, context);
}

function checkKey(key: string, node: Property, context: AnalysisContext): void {
  if (context.sources.knowsFields && !context.sources.knows(key)) reportUnknown(key, node, context);
}

function reportUnknown(name: string, node: Property, context: AnalysisContext): void {
  const near = suggest(name, context.sources.fieldNames);
  context.report.add('MQL_UNKNOWN_FIELD', node.span, `no event had the field \`${name}\` yet`, {
    hint: near === null ? undefined : `Did you mean \`${near}\`?`,
    fixes:
      near === null || node.steps.length > 0 || node.root.kind !== 'name'
        ? undefined
        : [{ title: `Change to ${near}`, span: node.span, text: near }],
  });
}
