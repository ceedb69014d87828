/**
 * The first minutes with the demo: something is broken on purpose, and whoever looks finds out
 * what, since when, for whom, and has an alert made for it. What was done is read off the page, so
 * the tour follows people and not the other way round. Seen once, it stays away in this browser.
 */
import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Api } from '../browser-host.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import { storedText, storeText } from '../browser-storage.ts';
import type { Catalogue } from '../catalogue.ts';
import type { DifferenceWatch } from '../differs/difference-watch.ts';
import type { Explore } from '../explore.ts';
import type { Router } from '../router.ts';

export interface TourDeps {
  readonly api: Api;
  readonly catalogue: Catalogue;
  readonly explore: Explore;
  readonly differs: DifferenceWatch;
  readonly router: Router;
}

export type TourStep = 'break' | 'notice' | 'differs' | 'alert' | 'rule' | 'done';

export const TOUR_STEPS: readonly TourStep[] = [
  'break',
  'notice',
  'differs',
  'alert',
  'rule',
  'done',
];

const KEY = 'squilla.tour';

/** What the tour breaks; the page does not say so before it was found out. */
const INCIDENT = { region: 'eu-west', kind: 'tv-outage' };

/** Windows of ordinary times that a change can be told from. */
const CALM_WINDOWS = 12;

export class Tour {
  readonly shown: Signal<boolean> = signal(false);
  readonly step: Signal<TourStep> = signal('break');
  /** What went wrong with breaking or healing; null: nothing. */
  readonly failure: Signal<string | null> = signal(null);
  /** Windows that are still needed before something is broken. */
  readonly calmLeft: ReadonlySignal<number>;

  readonly #deps: TourDeps;
  #askedBefore = '';

  constructor(deps: TourDeps) {
    this.#deps = deps;
    const { explore, differs } = deps;
    this.calmLeft = computed(() => {
      void explore.revision.value;
      const kept = differs.watched.value?.store.length ?? 0;
      const charted = explore.running.value?.store.ring.length ?? 0;
      // Two windows of counts are kept every four seconds, a charted one mostly every second.
      return Math.max(0, CALM_WINDOWS - Math.min(charted, kept * 3));
    });
  }

  /** Begins by itself on the start page of a demo that this browser has not seen. */
  start(): void {
    const { catalogue, router, explore } = this.#deps;
    if (storedText(KEY) === 'seen' || location.hash !== '') return;
    const stop = effect(() => {
      const isReady = catalogue.status.value?.demo === true && explore.running.value !== null;
      if (!isReady || router.route.value.screen !== 'explore') return;
      queueMicrotask(() => {
        stop();
        this.begin();
      });
    });
  }

  begin(): void {
    this.step.value = 'break';
    this.failure.value = null;
    this.shown.value = true;
    this.#deps.differs.begin();
    this.#follow();
  }

  leave(): void {
    this.shown.value = false;
    if (!this.#deps.differs.shown.peek()) this.#deps.differs.end();
    storeText(KEY, 'seen');
  }

  async breakSomething(): Promise<void> {
    const { explore } = this.#deps;
    const answer = await this.#deps.api('POST', 'demo/break', INCIDENT);
    this.failure.value = isGood(answer) ? null : problemSentence(answer);
    if (!isGood(answer)) return;
    this.#askedBefore = explore.running.peek()?.query ?? '';
    this.step.value = 'notice';
  }

  async heal(): Promise<void> {
    const answer = await this.#deps.api('POST', 'demo/heal', {});
    this.failure.value = isGood(answer) ? null : problemSentence(answer);
    if (isGood(answer)) this.leave();
  }

  /** A step is over when the page shows what it asks for; steps are never taken back. */
  #follow(): void {
    const { explore, differs, router } = this.#deps;
    const stop = effect(() => {
      const { screen, path } = router.route.value;
      const step = this.step.value;
      const isNoticed = explore.noticed.value.length > 0;
      const isNarrowed = (explore.running.value?.query ?? '') !== this.#askedBefore;
      const next = ((): TourStep => {
        if (step === 'break' || step === 'done') return step;
        if (screen === 'alerts') return path[0] === 'rules' && path.length > 1 ? 'done' : 'rule';
        if (step === 'notice' && isNoticed && differs.shown.value) return 'differs';
        if ((step === 'notice' || step === 'differs') && isNarrowed) return 'alert';
        return step;
      })();
      if (next !== step) queueMicrotask(() => (this.step.value = next));
      if (!this.shown.value) queueMicrotask(() => stop());
    });
  }
}
