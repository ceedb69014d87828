/** Which running queries feed views to which others. A view is fed while some pipeline reads it. */
import type { PlannedView } from '../plan/plan-views.ts';
import type { Pipeline } from './pipeline.ts';
import type { ViewFeed } from './view-feed.ts';

interface Fed {
  readonly pipeline: Pipeline;
  readonly feed: ViewFeed;
  /** Pipelines that read it, and under which name. */
  readonly readers: Map<Pipeline, string>;
}

export interface ViewFeedsParts {
  readonly start: (pipeline: Pipeline) => ViewFeed;
  /** Whether somebody reads the pipeline as a view has changed. */
  readonly onChange: (pipeline: Pipeline) => void;
}

export class ViewFeeds {
  readonly #parts: ViewFeedsParts;
  readonly #byStream = new Map<string, Fed>();
  readonly #byReader = new Map<Pipeline, readonly Fed[]>();

  constructor(parts: ViewFeedsParts) {
    this.#parts = parts;
  }

  get(stream: string): ViewFeed | undefined {
    return this.#byStream.get(stream)?.feed;
  }

  /** The view's pipeline begins to feed, if it does not yet. */
  begin({ stream }: PlannedView, pipeline: Pipeline): void {
    if (this.#byStream.has(stream)) return;
    const feed = this.#parts.start(pipeline);
    pipeline.feed = feed;
    this.#byStream.set(stream, { pipeline, feed, readers: new Map() });
    this.#parts.onChange(pipeline);
  }

  join(views: readonly PlannedView[], reader: Pipeline): void {
    if (views.length === 0) return;
    const fed: Fed[] = [];
    for (const { stream, name } of views) {
      const one = this.#byStream.get(stream);
      if (one === undefined) continue;
      one.readers.set(reader, name);
      fed.push(one);
    }
    this.#byReader.set(reader, fed);
  }

  /** The pipeline runs no more: views that nobody else reads have an end. */
  leave(reader: Pipeline, nowMs: number): void {
    for (const fed of this.#byReader.get(reader) ?? []) {
      fed.readers.delete(reader);
      this.#endIfAlone(fed, nowMs);
    }
    this.#byReader.delete(reader);
  }

  /** Views that were begun for a reader that does not come. */
  abandon(views: readonly PlannedView[], nowMs: number): void {
    for (const { stream } of views) {
      const fed = this.#byStream.get(stream);
      if (fed !== undefined) this.#endIfAlone(fed, nowMs);
    }
  }

  /** Who reads a pipeline as a view, and what they call it. */
  readersOf({ feed }: Pipeline): readonly (readonly [Pipeline, string])[] {
    return feed === null ? [] : [...(this.#byStream.get(feed.stream)?.readers ?? [])];
  }

  /** Names of the views that a pipeline reads. */
  namesOf(reader: Pipeline): readonly string[] {
    const fed = this.#byReader.get(reader) ?? [];
    return fed.map(({ readers }) => readers.get(reader) ?? '');
  }

  #endIfAlone({ feed, pipeline, readers }: Fed, nowMs: number): void {
    if (readers.size > 0) return;
    this.#byStream.delete(feed.stream);
    pipeline.feed = null;
    feed.end();
    pipeline.audience.leftAlone(nowMs);
    this.#parts.onChange(pipeline);
  }
}
