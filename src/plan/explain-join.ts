/** EXPLAIN of joins: what each source is asked for, and how rows meet. */
import { durationText } from '../analyze/amounts.ts';
import type { Expression } from '../ir/expression.ts';
import { aliasOf, streamSides } from '../ir/join.ts';
import type { JoinStage, JoinStep, StreamSide } from '../ir/join.ts';
import { pathText } from '../ir/path-text.ts';
import { expressionText } from './ir-text.ts';

export function joinAgentLines(join: JoinStage): readonly string[] {
  const sides = streamSides(join).flatMap((side) => sideLines(side));
  return ['agent', ...sides.map((line, i) => `${i === sides.length - 1 ? '└─' : '├─'} ${line}`)];
}

/** @param where What is left to decide over joined rows. */
export function joinStepLines(join: JoinStage, where: Expression | null): readonly string[] {
  const steps = join.steps.map((step) => `├─ ${stepText(step)}`);
  return where === null ? steps : [...steps, `├─ filter: ${expressionText(where)}`];
}

/** Paths of joined rows begin with the exact key of an alias, which is shown as a plain name. */
export function withPlainAliases(text: string, join: JoinStage): string {
  const aliases = [join.first.alias, ...join.steps.map(aliasOf)];
  return aliases.reduce((shown, alias) => shown.replaceAll(`\`${alias}\``, alias), text);
}

function sideLines({ alias, pattern, source }: StreamSide): readonly string[] {
  const name = pattern.glob ? `${pattern.pattern} (pattern)` : pattern.pattern;
  const ships = source.fields.map(pathText);
  if (source.allFields) ships.unshift('every field');
  return [
    `${alias}: ${name}`,
    `   filter: ${source.where === null ? 'none' : expressionText(source.where)}`,
    `   ships: ${ships.join(', ')}`,
  ];
}

function stepText(step: JoinStep): string {
  const kind = step.type === 'left' ? 'left join' : 'join';
  const on = step.on === null ? '' : ` and ${expressionText(step.on)}`;
  if (step.kind === 'table') {
    const key = `${expressionText(step.key)} = ${step.alias}.${step.keyColumn}`;
    return `${kind} ${step.alias}: table ${step.table} on ${key}${on}`;
  }
  const { alias } = step.side;
  const keys = step.keys.map(
    ({ row, event }) => `${expressionText(row)} = ${alias}.${expressionText(event)}`,
  );
  return `${kind} ${alias}: within ${durationText(step.withinMs)} on ${keys.join(' and ')}${on}`;
}
