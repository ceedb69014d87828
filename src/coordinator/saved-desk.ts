/**
 * Where saved queries are changed: names, mistakes, circles and versions are judged here, whoever
 * asks and however. Running queries are never touched by a change; who asks anew gets the new text.
 */
import { parse } from '../../grammar/parse.ts';
import type { FieldCatalogue } from '../analyze/field-catalogue.ts';
import type { Config } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import { err, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { Value } from '../model/value.ts';
import { planQuery } from '../plan/plan-query.ts';
import type { PlannedQuery } from '../plan/plan-query.ts';
import { whyUnreadable } from '../plan/plan-views.ts';
import type { ViewDefinition, ViewDefinitions } from '../plan/plan-views.ts';
import type { SavedQuery } from '../store/saved-queries.ts';
import type { FileDefinition, QueryFileMistake } from '../store/query-file.ts';
import type { FiledQueries } from './filed-queries.ts';
import { Refiling } from './refiling.ts';
import { savedNameFault } from './saved-name.ts';

export interface SavedQueryInput {
  readonly name: string;
  readonly text: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly description: string;
  /** Run it whether anybody looks or not, and keep its series. */
  readonly keep: boolean;
}

export interface SaveHow {
  /** The version that the change was made from; null: the query is new. */
  readonly version: number | null;
  /** Who asks. */
  readonly by: string;
  readonly nowMs: number;
}

/** A saved query as it is listed. */
export interface SavedQueryView extends SavedQuery {
  /** Names of its `$parameters`, in order of first use. */
  readonly parameters: readonly string[];
  /** Its columns if FROM may read it; null: it may not, and `whyNoView` says why. */
  readonly columns: readonly { readonly name: string; readonly type: string }[] | null;
  readonly whyNoView: string | null;
  /** Id of its running query with its own parameters; null: it cannot run with these alone. */
  readonly fingerprint: string | null;
}

export interface SavedDeskParts {
  readonly saved: FiledQueries;
  readonly config: Config;
  readonly catalogue: () => FieldCatalogue;
  /** Called after each change. */
  readonly changed?: () => void;
}

export class SavedDesk {
  readonly #parts: SavedDeskParts;
  /** What was worked out of a definition; renewed when any definition changes. */
  readonly #views = new Map<string, SavedQueryView>();

  constructor(parts: SavedDeskParts) {
    this.#parts = parts;
  }

  list(): readonly SavedQueryView[] {
    return this.#parts.saved.all().map((query) => this.#view(query));
  }

  get(name: string): Result<SavedQueryView, EngineError> {
    const query = this.#parts.saved.get(name);
    return query === undefined ? err(unknown(name)) : ok(this.#view(query));
  }

  /** Errors: ENGINE_BAD_REQUEST, ENGINE_BAD_QUERY, ENGINE_CONFLICT, LIMIT_SAVED_QUERIES. */
  put(input: SavedQueryInput, how: SaveHow): Result<SavedQueryView, EngineError> {
    const { saved } = this.#parts;
    const older = saved.get(input.name);
    if (older?.file !== undefined) return err(inFile(older.name, older.file));
    const fault =
      formFault(input, this.#parts.config) ??
      versionFault(input.name, older, how) ??
      this.#fault(input);
    if (fault !== null) return err(fault);
    const query: SavedQuery = {
      ...input,
      owner: older?.owner ?? how.by,
      version: (older?.version ?? 0) + 1,
      createdAt: older?.createdAt ?? Math.floor(how.nowMs),
      updatedAt: Math.floor(how.nowMs),
      updatedBy: how.by,
    };
    return this.#change(() => saved.put(query), query);
  }

  /** Errors: ENGINE_NOT_FOUND, ENGINE_CONFLICT, ENGINE_IN_USE if others read it. */
  remove(name: string, version: number | null): Result<SavedQuery, EngineError> {
    const { saved } = this.#parts;
    const query = saved.get(name);
    if (query === undefined) return err(unknown(name));
    if (query.file !== undefined) return err(inFile(name, query.file));
    if (version !== null && version !== query.version) return err(changed(query));
    const readers = saved.all().filter((other) => sourcesOf(other.text).includes(name));
    const others = readers.map((reader) => reader.name).filter((reader) => reader !== name);
    if (others.length > 0) {
      const detail = `${name} is read by ${others.join(', ')}`;
      return err(new EngineError('ENGINE_IN_USE', detail, { data: { readers: others } }));
    }
    return this.#change(() => saved.remove(name), query);
  }

  /**
   * What files define from now on. A definition with a mistake stays what it was, and so does
   * everything of a file that could not be read (`unread`).
   */
  refile(
    definitions: readonly FileDefinition[],
    unread: ReadonlySet<string>,
    nowMs: number,
  ): readonly QueryFileMistake[] {
    const { saved, config } = this.#parts;
    const refiling = new Refiling(definitions, unread, { saved, config, nowMs });
    const mistakes = refiling.settle((candidate, views) => this.#plan(candidate, views));
    saved.replace(refiling.filed);
    this.#views.clear();
    this.#parts.changed?.();
    return mistakes;
  }

  #change<T extends SavedQuery>(write: () => void, query: T): Result<SavedQueryView, EngineError> {
    try {
      write();
    } catch (error) {
      if (error instanceof EngineError) return err(error);
      throw error;
    }
    this.#views.clear();
    this.#parts.changed?.();
    return ok(this.#view(query));
  }

  /** Mistakes of the text, and room. A parameter without a value may get one when it is run. */
  #fault(input: SavedQueryInput): EngineError | null {
    const { config, saved } = this.#parts;
    if (saved.get(input.name) === undefined && saved.names().length >= config.savedQueriesMax) {
      const detail = `${config.savedQueriesMax} queries are saved`;
      return new EngineError('LIMIT_SAVED_QUERIES', detail);
    }
    const planned = this.#plan(input);
    const { diagnostics, explain } = planned;
    const mistakes = diagnostics.filter(
      ({ code, severity }) => severity === 'error' && code !== 'MQL_PARAMETER_MISSING',
    );
    if (mistakes.length > 0) {
      const data = { diagnostics: mistakes, query: input.text };
      return new EngineError('ENGINE_BAD_QUERY', 'the query cannot be saved', { data });
    }
    if (explain !== 'none') {
      return badRequest('text', 'Save the query itself, without EXPLAIN.');
    }
    return input.keep ? this.#keepFault(input.name, planned) : null;
  }

  #keepFault(name: string, { plan }: PlannedQuery): EngineError | null {
    if (plan === null || plan.window.kind === 'none') {
      const rule = 'a query with a WINDOW whose $parameters all have values';
      return badRequest('keep', `Only ${rule} can be kept: nobody is there to look or to ask.`);
    }
    const { config, saved } = this.#parts;
    const others = saved.all().filter((query) => query.keep && query.name !== name);
    if (others.length < config.standingQueriesMax) return null;
    const detail = `${config.standingQueriesMax} saved queries are kept`;
    return new EngineError('LIMIT_STANDING_QUERIES', detail);
  }

  /** As if it were saved, so that a circle through other definitions is found. */
  #plan(input: SavedQueryInput, others: ViewDefinitions = this.#parts.saved): PlannedQuery {
    const { catalogue, config } = this.#parts;
    const own: ViewDefinition = { ...input, version: 0 };
    const views: ViewDefinitions = {
      names: () => others.names(),
      get: (name) => (name === input.name ? own : others.get(name)),
    };
    const { text, params, name } = input;
    return planQuery(text, {
      ...{ mode: 'live', params, config, views, viewName: name },
      catalogue: catalogue(),
    });
  }

  #view(query: SavedQuery): SavedQueryView {
    const known = this.#views.get(query.name);
    if (known !== undefined) return known;
    const planned = this.#plan(query);
    const fault = whyUnreadable(query.name, planned);
    const columns = planned.columns.map(({ name, type }) => ({ name, type }));
    const view: SavedQueryView = {
      ...query,
      parameters: planned.parameters,
      columns: fault === null ? columns : null,
      whyNoView: fault?.message ?? null,
      fingerprint: planned.plan?.fingerprint ?? null,
    };
    if (this.#parts.saved.get(query.name) === query) this.#views.set(query.name, view);
    return view;
  }
}

function formFault(input: SavedQueryInput, config: Config): EngineError | null {
  const fault = savedNameFault(input, config);
  return fault === null ? null : badRequest(fault.field, fault.rule);
}

function versionFault(
  name: string,
  older: SavedQuery | undefined,
  { version }: SaveHow,
): EngineError | null {
  if (older === undefined) {
    if (version === null) return null;
    const detail = `there is no ${name} any more, of which version ${version} was changed`;
    return new EngineError('ENGINE_CONFLICT', detail);
  }
  return version === older.version ? null : changed(older);
}

function changed({ name, version, updatedBy }: SavedQuery): EngineError {
  const detail = `${name} is at version ${version} (by ${updatedBy}); read it, then send If-Match`;
  return new EngineError('ENGINE_CONFLICT', detail, { data: { version } });
}

function inFile(name: string, file: string): EngineError {
  return new EngineError('ENGINE_IN_FILE', `${name} is defined in ${file}`);
}

function unknown(name: string): EngineError {
  return new EngineError('ENGINE_NOT_FOUND', `There is no saved query ${JSON.stringify(name)}.`);
}

function badRequest(parameter: string, detail: string): EngineError {
  return new EngineError('ENGINE_BAD_REQUEST', detail, { data: { parameter } });
}

function sourcesOf(text: string): readonly string[] {
  const from = parse(text).ast?.from ?? null;
  if (from === null) return [];
  return [...from.sources, ...from.joins.map((join) => join.source)].map(({ name }) => name);
}
