/** Events of the window in which an alert fired, as its query sampled them; a click opens one. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ValueObject } from '../../src/model/value.ts';
import { EventView } from '../event-view.tsx';
import { safeText, valueText } from '../format.ts';

const SHOWN_MAX = 5;
/** Fields of an event that are told beside each other. */
const FIELDS_TOLD = 3;

export function Exemplars({ events }: { events: readonly ValueObject[] }): JSX.Element | null {
  const opened = useSignal<ValueObject | null>(null);
  if (events.length === 0) return null;
  return (
    <div class="exemplars">
      <span class="faint">Examples</span>
      {events.slice(0, SHOWN_MAX).map((event, i) => (
        <button
          key={i}
          type="button"
          class="link"
          title="Show the whole event"
          onClick={() => (opened.value = event)}
        >
          <bdi>{briefly(event)}</bdi>
        </button>
      ))}
      {opened.value !== null && (
        <EventView event={opened.value} onClose={() => (opened.value = null)} />
      )}
    </div>
  );
}

/** What tells it from others; its time is that of the alert. */
function briefly(event: ValueObject): string {
  const told = Object.entries(event)
    .filter(([name, value]) => name !== 'time' && typeof value !== 'object')
    .slice(0, FIELDS_TOLD)
    .map(([name, value]) => `${name} ${valueText(value)}`);
  return safeText(told.length === 0 ? JSON.stringify(event) : told.join(' · '), 80);
}
