/**
 * One reading of the directory of saved queries: which of its definitions stand, and what is wrong
 * with the others. They are judged together, so that files may read each other's queries as views
 * in any order.
 */
import type { Config } from '../config.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import type { ViewDefinitions } from '../plan/plan-views.ts';
import type { SavedQuery } from '../store/saved-queries.ts';
import type { FileDefinition, QueryFileMistake } from '../store/query-file.ts';
import type { FiledQueries, FiledQuery } from './filed-queries.ts';
import { savedNameFault } from './saved-name.ts';

export interface RefilingParts {
  readonly saved: FiledQueries;
  readonly config: Config;
  readonly nowMs: number;
}

type Plan = (definition: FileDefinition, views: ViewDefinitions) => PlannedQuery;

export class Refiling {
  readonly #parts: RefilingParts;
  readonly #definitions = new Map<string, FileDefinition>();
  readonly #standing = new Map<string, FiledQuery>();
  readonly #mistakes: QueryFileMistake[] = [];

  constructor(
    definitions: readonly FileDefinition[],
    unread: ReadonlySet<string>,
    parts: RefilingParts,
  ) {
    this.#parts = parts;
    for (const definition of definitions) this.#admit(definition);
    for (const query of parts.saved.allFiled) {
      if (unread.has(query.file)) this.#standing.set(query.name, query);
    }
  }

  get filed(): readonly FiledQuery[] {
    return [...this.#standing.values()];
  }

  /** Plans all of them over each other; the wrong ones keep what they were. */
  settle(plan: Plan): readonly QueryFileMistake[] {
    const { saved, config } = this.#parts;
    const views: ViewDefinitions = {
      names: () => [...new Set([...saved.names(), ...this.#definitions.keys()])],
      get: (name) => {
        const own = this.#definitions.get(name);
        return own === undefined ? saved.get(name) : { ...own, version: 0 };
      },
    };
    let kept = saved.all().filter((query) => query.keep && query.file === undefined).length;
    for (const definition of this.#definitions.values()) {
      const planned = plan(definition, views);
      const isRight = this.#judge(definition, planned, kept < config.standingQueriesMax);
      const query = isRight ? this.#queryOf(definition) : saved.filed(definition.name);
      if (query === undefined) continue;
      this.#standing.set(query.name, query);
      if (query.keep) kept++;
    }
    return this.#mistakes;
  }

  #admit(definition: FileDefinition): void {
    const { config, saved } = this.#parts;
    const { name } = definition;
    const fault = savedNameFault(definition, config);
    const other = this.#definitions.get(name);
    if (fault !== null) this.#mistake(definition, fault.rule);
    else if (other !== undefined) this.#mistake(definition, `${name} is in ${other.file}, too`);
    else if (this.#definitions.size >= config.savedQueriesMax) {
      this.#mistake(definition, `more than ${config.savedQueriesMax} queries (savedQueriesMax)`);
    } else {
      this.#definitions.set(name, definition);
      if (!saved.isStored(name)) return;
      this.#mistake(definition, 'a query was saved under this name; the file counts', 'warning');
    }
  }

  /** A parameter without a value may get one when it is run. */
  #judge(definition: FileDefinition, planned: PlannedQuery, hasRoom: boolean): boolean {
    const before = this.#mistakes.length;
    for (const { code, hint, message, severity, span } of planned.diagnostics) {
      if (severity !== 'error' || code === 'MQL_PARAMETER_MISSING') continue;
      const isFirst = span.line === 1;
      this.#mistakes.push({
        file: definition.file,
        line: definition.line + span.line - 1,
        column: (isFirst ? definition.column : definition.indent + 1) + span.column - 1,
        severity: 'error',
        message: `${definition.name}: ${message}${hint === undefined ? '' : `. ${hint}`}`,
      });
    }
    if (planned.explain !== 'none') this.#mistake(definition, 'save the query, without EXPLAIN');
    if (definition.keep && planned.plan?.window.kind === 'none') {
      this.#mistake(definition, 'only a query with a WINDOW can be kept');
    }
    if (definition.keep && !hasRoom) this.#mistake(definition, 'too many queries are kept');
    return this.#mistakes.length === before;
  }

  #queryOf({ file, name, text, params, description, keep }: FileDefinition): FiledQuery {
    const query = { name, text, params, description, keep, file, owner: file, updatedBy: file };
    const older = this.#parts.saved.filed(name);
    if (older !== undefined && isSame(older, query)) return older;
    const atMs = Math.floor(this.#parts.nowMs);
    const version = (older?.version ?? 0) + 1;
    return { ...query, version, createdAt: older?.createdAt ?? atMs, updatedAt: atMs };
  }

  #mistake(
    { file, line, column, name }: FileDefinition,
    message: string,
    severity: QueryFileMistake['severity'] = 'error',
  ): void {
    this.#mistakes.push({ file, line, column, severity, message: `${name}: ${message}` });
  }
}

type Definition = Pick<SavedQuery, 'text' | 'params' | 'description' | 'keep'>;

function isSame(a: Definition & { file: string }, b: Definition & { file: string }): boolean {
  const text = ({ description, file, keep, params, text: own }: Definition & { file: string }) =>
    JSON.stringify([own, params, description, keep, file]);
  return text(a) === text(b);
}
