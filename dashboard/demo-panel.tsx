/** Buttons that break the demo service on purpose, so that an incident can be watched. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Api } from './browser-host.ts';
import { recordFrom } from './catalogue.ts';
import { safeText } from './format.ts';
import { Icon } from './icons.tsx';
import type { Tour } from './tour/tour.ts';

const REGIONS: readonly string[] = ['eu-west', 'us-east', 'us-west', 'ap-south'];
const KINDS: readonly { readonly kind: string; readonly label: string }[] = [
  { kind: 'outage', label: 'Outage' },
  { kind: 'tv-outage', label: 'TVs fail' },
  { kind: 'slow', label: 'Slow' },
  { kind: 'errors', label: 'Errors' },
  { kind: 'agents-die', label: 'Agents die' },
];

export function DemoPanel({ api, tour }: { api: Api; tour: Tour }): JSX.Element {
  const region = useSignal(REGIONS[0] ?? '');
  const broken = useSignal<string | null>(null);
  const said = useSignal('');
  const post = async (path: string, body: object, now: string | null): Promise<void> => {
    const answer = await api('POST', path, body);
    const { detail, title, error } = recordFrom(answer.body);
    if (answer.status >= 200 && answer.status < 300 && error === undefined) {
      broken.value = now;
      said.value = now === null ? 'Healed.' : `${now}: watch the chart.`;
      return;
    }
    const reason = [detail, title, error].find((text) => typeof text === 'string') ?? 'no answer';
    said.value = `The engine refused: ${safeText(reason, 200)}`;
  };
  return (
    <section class="demo" aria-label="Demo incidents">
      <header class="panel-head">
        <h2>Break the demo</h2>
        {!tour.shown.value && (
          <button type="button" class="link" onClick={() => tour.begin()}>
            Tour
          </button>
        )}
      </header>
      <div class="segmented" role="group" aria-label="Region">
        {REGIONS.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={region.value === name}
            onClick={() => (region.value = name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div class="demo-kinds">
        {KINDS.map(({ kind, label }) => (
          <button
            key={kind}
            type="button"
            class="demo-break"
            onClick={() =>
              void post('demo/break', { region: region.value, kind }, `${label} in ${region.value}`)
            }
          >
            <Icon name="bolt" />
            {label}
          </button>
        ))}
      </div>
      <button type="button" class="demo-heal" onClick={() => void post('demo/heal', {}, null)}>
        <Icon name="heart" />
        Heal everything
      </button>
      <p class="panel-note" role="status">
        {said.value}
      </p>
    </section>
  );
}
