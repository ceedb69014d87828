/** Begins an alert rule with Explore's query, its condition taken from what was looked at. */
import { whenText } from './alert-threshold.ts';
import { ruleNameFor } from './alerts/rule-template.ts';
import { listOf, recordFrom } from './catalogue.ts';
import type { Dashboard } from './dashboard.ts';

export async function beginRule({ api, explore, router }: Dashboard): Promise<void> {
  const query = explore.text.peek();
  const known = explore.threshold.peek();
  const [step] = explore.noticed.peek();
  const column = explore.running.peek()?.store.chartColumns[0]?.name;
  const isKnown = known !== null && known.query === query;
  const noticed = step === undefined || column === undefined ? null : whenText(column, step);
  const when = isKnown ? known.when : noticed;
  if (when === null) {
    router.go('alerts', ['new'], { q: query });
    return;
  }
  const { body } = await api('GET', 'rules');
  const taken = new Set(listOf(body, 'rules').map((rule) => recordFrom(rule)['name']));
  router.go('alerts', ['new'], { q: query, when, as: ruleNameFor(query, when, taken) });
}
