/**
 * How a page felt to whoever opened it, measured as the metrics' definitions say: when the answer
 * began, when something and when the largest thing was painted, how much the layout jumped, how
 * long the page took to react. The last three are final when the page is left or hidden.
 *
 * @see https://web.dev/articles/vitals for the definitions and the bounds of good and poor
 */
export type VitalName = 'TTFB' | 'FCP' | 'LCP' | 'CLS' | 'INP';

export interface Vital {
  readonly name: VitalName;
  /** In ms; of CLS a number without unit. */
  readonly value: number;
  readonly rating: 'good' | 'needs-improvement' | 'poor';
}

/** Up to the first it is good, above the second poor. */
const BOUNDS: Readonly<Record<VitalName, readonly [number, number]>> = {
  TTFB: [800, 1_800],
  FCP: [1_800, 3_000],
  LCP: [2_500, 4_000],
  CLS: [0.1, 0.25],
  INP: [200, 500],
};

/** Layout shifts belong together that are at most so far apart, and all of them so long. */
const SHIFT_GAP_MS = 1_000;
const SHIFT_SPAN_MS = 5_000;
/** One of so many interactions is left out, as an outlier. */
const INTERACTIONS_A_OUTLIER = 50;
const SLOWEST_KEPT = 10;
const INTERACTION_MIN_MS = 40;

interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

interface Interaction extends PerformanceEntry {
  readonly interactionId?: number;
}

/** `tell` hears of each metric once. Returns what tells the rest, when the page is left. */
export function watchVitals(tell: (vital: Vital) => void): () => void {
  const told = new Set<VitalName>();
  const once = (name: VitalName, value: number | null): void => {
    if (value === null || told.has(name)) return;
    told.add(name);
    const [good, poor] = BOUNDS[name];
    tell({
      name,
      value,
      rating: value <= good ? 'good' : value > poor ? 'poor' : 'needs-improvement',
    });
  };
  watchNavigation((value) => once('TTFB', value));
  watch('paint', (entry) => {
    if (entry.name === 'first-contentful-paint') once('FCP', entry.startTime);
  });
  let largestMs: number | null = null;
  watch('largest-contentful-paint', (entry) => (largestMs = entry.startTime));
  // What is painted after a first input is the input's doing.
  for (const type of ['keydown', 'pointerdown']) {
    addEventListener(type, () => once('LCP', largestMs), { once: true, capture: true });
  }
  const shifts = new ShiftSum();
  watch('layout-shift', (entry) => shifts.add(entry as LayoutShift));
  const interactions = new Interactions();
  watch('event', (entry) => interactions.add(entry), { durationThreshold: INTERACTION_MIN_MS });
  watch('first-input', (entry) => interactions.add(entry));
  return () => {
    once('LCP', largestMs);
    once('CLS', shifts.largest);
    once('INP', interactions.value);
  };
}

/** Layout shifts in bursts; the largest burst counts. */
class ShiftSum {
  largest = 0;
  #sum = 0;
  #firstMs = -Infinity;
  #lastMs = -Infinity;

  add({ hadRecentInput, startTime, value }: LayoutShift): void {
    if (hadRecentInput) return;
    const isSame =
      startTime - this.#lastMs < SHIFT_GAP_MS && startTime - this.#firstMs < SHIFT_SPAN_MS;
    if (!isSame) {
      this.#sum = 0;
      this.#firstMs = startTime;
    }
    this.#sum += value;
    this.#lastMs = startTime;
    this.largest = Math.max(this.largest, this.#sum);
  }
}

/** The slowest interactions, each the longest of its events. */
class Interactions {
  #slowest: { readonly id: number; durationMs: number }[] = [];
  readonly #ids = new Set<number>();

  /** Null: nobody has touched the page. */
  get value(): number | null {
    const outliers = Math.floor(this.#ids.size / INTERACTIONS_A_OUTLIER);
    return this.#slowest[Math.min(outliers, this.#slowest.length - 1)]?.durationMs ?? null;
  }

  add({ duration, interactionId: id = 0 }: Interaction): void {
    if (id === 0) return;
    this.#ids.add(id);
    const known = this.#slowest.find((one) => one.id === id);
    if (known === undefined) this.#slowest.push({ id, durationMs: duration });
    else known.durationMs = Math.max(known.durationMs, duration);
    this.#slowest.sort((a, b) => b.durationMs - a.durationMs);
    this.#slowest = this.#slowest.slice(0, SLOWEST_KEPT);
  }
}

function watchNavigation(tell: (ms: number) => void): void {
  watch('navigation', (entry) => {
    const { responseStart } = entry as PerformanceNavigationTiming;
    if (responseStart > 0) tell(responseStart);
  });
}

/** Also what happened before; a browser that does not know the type tells nothing of it. */
function watch(
  type: string,
  take: (entry: PerformanceEntry) => void,
  more: { readonly durationThreshold?: number } = {},
): void {
  try {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
    observer.observe({ type, buffered: true, ...more });
  } catch {
    // The page goes on without this metric.
  }
}
