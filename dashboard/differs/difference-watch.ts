/**
 * Counts values beside the query that runs, once somebody asked what differs, and from then on with
 * every query of this browser until it is switched off: the past is not stored anywhere, so what
 * came before an incident can only be compared if it was counted then. One subscription at most.
 */
import { effect, signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { storedText, storeText } from '../browser-storage.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Connection, Subscription } from '../connection.ts';
import type { Explore, Running, ScheduleFrame } from '../explore.ts';
import type { FacetPlan } from './facet-query.ts';
import type { FacetStore } from './facet-store.ts';

/** What is compared with the rest. */
export interface Subject {
  /** Id of a group as the result's store makes it; null: all groups. */
  readonly group: string | null;
  /** Null: the last moments. */
  readonly fromMs: number | null;
  /** Null: until now. */
  readonly toMs: number | null;
}

export interface Watched {
  readonly plan: FacetPlan;
  readonly store: FacetStore;
}

export interface WatchDeps {
  readonly connection: Connection;
  readonly catalogue: Catalogue;
  readonly explore: Explore;
  readonly scheduleFrame: ScheduleFrame;
}

const KEY = 'squilla.differs';
const ALL: Subject = { group: null, fromMs: null, toMs: null };

export class DifferenceWatch {
  /** Whether values are counted. */
  readonly wanted: Signal<boolean> = signal(storedText(KEY) === 'on');
  /** Whether the panel is shown. */
  readonly shown: Signal<boolean> = signal(false);
  readonly subject: Signal<Subject> = signal(ALL);
  readonly watched: Signal<Watched | null> = signal(null);
  /** Why nothing can be compared; null: it can. */
  readonly because: Signal<string | null> = signal(null);
  readonly revision: Signal<number> = signal(0);

  readonly #deps: WatchDeps;
  #subscription: Subscription | null = null;
  #following: Running['store'] | null = null;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    effect(() => {
      const running = this.#deps.explore.running.value;
      const wanted = this.wanted.value;
      // Fields of a stream come some moments after the page.
      const known = this.#deps.catalogue.streams.value.length > 0;
      if (!wanted || running === null || !known) this.#stop(wanted);
      else if (!running.live) this.#stop(true);
      else void this.#follow(running);
    });
  }

  /** Counts from now on, without showing anything yet. */
  begin(): void {
    this.wanted.value = true;
  }

  ask(subject: Subject = ALL): void {
    this.begin();
    storeText(KEY, 'on');
    this.subject.value = subject;
    this.shown.value = true;
  }

  /** The panel goes and nothing is counted any more. */
  end(): void {
    this.shown.value = false;
    this.wanted.value = false;
    storeText(KEY, 'off');
  }

  #stop(wanted: boolean): void {
    this.#subscription?.close();
    this.#subscription = null;
    this.#following = null;
    if (!wanted) this.watched.value = null;
  }

  async #follow(running: Running): Promise<void> {
    if (this.#following === running.store) return;
    this.#stop(true);
    this.#following = running.store;
    const [{ facetPlan }, { FacetStore }] = await Promise.all([
      import('./facet-query.ts'),
      import('./facet-store.ts'),
    ]);
    if (this.#following !== running.store) return;
    const streams = this.#deps.catalogue.streams.peek();
    const { plan, because } = facetPlan(running.query, streams, windowFor(running));
    this.because.value = because;
    const before = this.watched.peek();
    if (plan === null) {
      this.watched.value = null;
      // The stream's fields may be known with the next look at the catalogue.
      this.#following = null;
      return;
    }
    // The same counts go on, whatever else of the query changed.
    const store = before?.plan.query === plan.query ? before.store : new FacetStore(plan.facets);
    this.watched.value = { plan, store };
    if (before?.store !== store) this.subject.value = ALL;
    this.#subscription = this.#deps.connection.subscribe(plan.query, {}, (message) => {
      store.apply(message);
      this.#deps.scheduleFrame(() => this.revision.value++);
    });
  }
}

/** Windows that tell the moment of a change well enough; many groups make each of them large. */
function windowFor({ store }: Running): number {
  const groups = store.ring.groupIds().length;
  return groups > MANY_GROUPS ? LONG_MS : SHORT_MS;
}

const SHORT_MS = 2_000;
const LONG_MS = 10_000;
const MANY_GROUPS = 16;
