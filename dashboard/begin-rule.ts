/** Begins an alert rule with Explore's query, its condition taken from what was looked at. */
import { whenText } from './alert-threshold.ts';
import type { Dashboard } from './dashboard.ts';

export function beginRule({ explore, router }: Dashboard): void {
  const query = explore.text.peek();
  const known = explore.threshold.peek();
  const [step] = explore.noticed.peek();
  const column = explore.running.peek()?.store.chartColumns[0]?.name;
  const isKnown = known !== null && known.query === query;
  const noticed = step === undefined || column === undefined ? null : whenText(column, step);
  const when = isKnown ? known.when : noticed;
  router.go('alerts', ['new'], { q: query, ...(when === null ? {} : { when }) });
}
