/** The source groups in use, each shared by all pipelines of equal FROM, kept while one reads. */
import type { Config } from '../config.ts';
import type { SourcePattern } from '../ir/plan.ts';
import type { Roster } from './roster.ts';
import { SourceGroup, sourceKey } from './source-group.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';
import type { ViewFeeds } from './view-feeds.ts';

interface SharedGroup {
  readonly group: SourceGroup;
  readers: number;
}

export interface SourceGroupParts {
  readonly config: Config;
  readonly roster: Roster;
  readonly catalogue: StreamCatalogue;
}

export class SourceGroups {
  readonly #parts: SourceGroupParts;
  readonly #shared = new Map<string, SharedGroup>();

  constructor(parts: SourceGroupParts) {
    this.#parts = parts;
  }

  /** To be given back with `release`. */
  take(sources: readonly SourcePattern[], feeds: Pick<ViewFeeds, 'get'>): SourceGroup {
    const key = sourceKey(sources);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      const views = sources.flatMap(({ pattern }) => feeds.get(pattern) ?? []);
      shared = { group: new SourceGroup(sources, { ...this.#parts, views }), readers: 0 };
      this.#shared.set(key, shared);
    }
    shared.readers++;
    return shared.group;
  }

  release(group: SourceGroup): void {
    const key = sourceKey(group.patterns);
    const shared = this.#shared.get(key);
    if (shared !== undefined && --shared.readers === 0) this.#shared.delete(key);
  }

  /** Streams came or went. */
  refresh(): void {
    for (const { group } of this.#shared.values()) group.refresh();
  }
}
