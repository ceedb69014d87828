/**
 * What a text that parses is warned about, or refused for, without knowing any stream: aliases that
 * look like slips, `||` on strings, SELECT DISTINCT. {@link nameOrArithmetic} needs to know the
 * fields, so analysis calls it.
 */
import type { Expression, Property, Query } from './ast.ts';
import type { BareAlias, BuildContext } from './build-context.ts';
import { diagnosticFrom } from './diagnostic.ts';
import type { Diagnostic, DiagnosticInit } from './diagnostic.ts';
import { foreignWord } from './foreign-words.ts';
import { clip, quoteName } from './scan-literals.ts';
import { suggest } from './suggest.ts';
import { CLAUSE_WORDS } from './tokens.ts';
import { walkExpression, walkQuery } from './walk.ts';

export function lintExpression(root: Expression, context: BuildContext): void {
  walkExpression(root, (node) => lintNode(node, context));
}

export function lintQuery(query: Query, context: BuildContext): void {
  walkQuery(query, (node) => lintNode(node, context));
  lintDistinct(query, context);
  lintStars(query, context);
  lintBareAliases(query, context);
}

/** L8: `||` is OR; with a string beside it, concatenation was meant. */
function lintNode(node: Expression, context: BuildContext): void {
  if (node.kind !== 'logical' || node.operator !== 'or') return;
  const text = node.operands.find((operand) => operand.kind === 'string');
  if (text === undefined) return;
  context.report({
    code: 'MQL_OR_OF_STRING',
    severity: 'warning',
    message: 'A string is always true; || means OR',
    span: text.span,
    hint: 'To join strings, write concat(a, b)',
  });
}

/** `SELECT DISTINCT a` would be the property `distinct` under the name a: never what is meant. */
function lintDistinct(query: Query, context: BuildContext): void {
  const first = query.select[0];
  if (first?.kind !== 'column' || first.expression.kind !== 'property') return;
  const { root, steps } = first.expression;
  if (root.kind !== 'quoted' || root.name.toLowerCase() !== 'distinct' || steps.length > 0) return;
  const { start } = first.span;
  const isBare = context.bareAliases.some(
    ({ of, span }) => of === 'column' && span.end === first.span.end,
  );
  if (!isBare || context.text.charAt(start) === '`') return;
  context.report({
    code: 'MQL_SELECT_DISTINCT',
    message: 'There is no SELECT DISTINCT',
    span: first.expression.span,
    hint: 'Use GROUP BY; a property called distinct needs back-quotes or AS',
  });
}

/** The aliases of the sources. */
function aliasesOf(query: Query): readonly string[] {
  if (query.from === null) return [];
  const sources = [...query.from.sources, ...query.from.joins.map((join) => join.source)];
  return sources.flatMap(({ alias }) => (alias === null ? [] : [alias]));
}

function lintStars(query: Query, context: BuildContext): void {
  const aliases = aliasesOf(query);
  for (const item of query.select) {
    if (item.kind !== 'star' || item.alias === null || aliases.includes(item.alias)) continue;
    const meant = suggest(item.alias, aliases);
    context.report({
      code: 'MQL_UNKNOWN_ALIAS',
      message: `No source has the alias ${clip(item.alias)}`,
      span: item.span,
      hint:
        meant === null ? 'Give the source an alias: FROM plays AS p' : `Did you mean ${meant}.*?`,
    });
  }
}

/** L15: an alias without AS that nothing uses may be a misspelled clause word. */
function lintBareAliases(query: Query, context: BuildContext): void {
  if (context.bareAliases.length === 0) return;
  const used = usedFirstParts(query);
  const clauses = [...CLAUSE_WORDS.keys(), 'join', 'left'].map((word) => word.toUpperCase());
  for (const alias of context.bareAliases) {
    const meant = suggest(alias.name, clauses);
    const unused = alias.of === 'source' && !used.has(alias.name);
    const clause = alias.of === 'column' ? clauseWordBefore(alias, context) : null;
    if (unused || clause !== null || (alias.of === 'column' && meant !== null)) {
      const found = unusedAlias(alias, meant);
      const isRead = clause !== null && meant === null;
      const hint = `${clause} is read as a property: something is missing in front of it`;
      context.report({ ...found, ...(isRead ? { hint } : {}), span: alias.span });
    }
  }
}

/** `select from plays`: the clause word in front was read as a property. */
function clauseWordBefore(alias: BareAlias, context: BuildContext): string | null {
  const before = /([A-Za-z]+)\s+$/.exec(
    context.text.slice(Math.max(0, alias.span.start - 64), alias.span.start),
  );
  const word = before?.[1];
  return word !== undefined && CLAUSE_WORDS.has(word.toLowerCase()) ? word : null;
}

function unusedAlias(alias: BareAlias, meant: string | null): Omit<DiagnosticInit, 'span'> {
  const name = clip(alias.name);
  const message =
    alias.of === 'source'
      ? `The alias ${name} is used by no name`
      : `${name} is read as the name of the column in front of it`;
  return {
    code: 'MQL_SUSPECT_ALIAS',
    severity: 'warning',
    message,
    hint:
      meant === null
        ? (foreignWord(alias.name) ?? 'Write AS in front of it if it is meant')
        : `Did you mean ${meant}?`,
    fixes:
      meant === null ? undefined : [{ title: `Write ${meant}`, span: alias.span, text: meant }],
  };
}

function usedFirstParts(query: Query): ReadonlySet<string> {
  const used = new Set<string>();
  for (const item of query.select) {
    if (item.kind === 'star' && item.alias !== null) used.add(item.alias);
  }
  walkQuery(query, (node) => {
    if (node.kind !== 'property' || node.root.kind !== 'name') return;
    const dot = node.root.name.indexOf('.');
    if (dot > 0) used.add(node.root.name.slice(0, dot));
  });
  return used;
}

// ---- L2 -----------------------------------------------------------------------------------------

/**
 * L2: the warning on each property whose name has `-` or `/` and which `isKnown` does not know,
 * with both readings as fixes. An empty catalogue knows none.
 */
export function nameOrArithmetic(
  text: string,
  query: Query,
  isKnown: (name: string) => boolean,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  walkQuery(query, (node) => {
    if (node.kind !== 'property' || node.root.kind !== 'name') return;
    const { name } = node.root;
    if (!/[-/]/.test(name) || isKnown(name)) return;
    found.push(ambiguousName(text, node, name));
  });
  return found;
}

function ambiguousName(text: string, node: Property, name: string): Diagnostic {
  const start = text.indexOf(name, node.span.start);
  const span = { start, end: start + name.length };
  const arithmetic = name.replaceAll(/[-/]/g, ' $& ');
  const quoted = quoteName(name);
  return diagnosticFrom(text, {
    code: 'MQL_NAME_OR_ARITHMETIC',
    severity: 'warning',
    message: `${clip(name)} is one name, and no field has it`,
    span,
    hint: `For arithmetic write ${clip(arithmetic)}; for the name, ${clip(quoted)} says so`,
    fixes: [
      { title: `Calculate ${clip(arithmetic)}`, span, text: arithmetic },
      { title: `Quote ${clip(quoted)}`, span, text: quoted },
    ],
  });
}
