/** Small marks of alerts and rules. A state is told by its word, not by its colour alone. */
import type { JSX } from 'preact';
import { safeText } from '../format.ts';
import { LABELS_SHOWN_MAX } from '../limits.ts';
import { ownLabels } from './alert-words.ts';

/** A map, for a posted alert may have any severity. */
const TONES: ReadonlyMap<string, string> = new Map([
  ['critical', 'bad'],
  ['warning', 'warn'],
  ['info', 'calm'],
]);

export function SeverityTag({ severity }: { severity: string }): JSX.Element {
  return <span class={`tag ${TONES.get(severity) ?? 'calm'}`}>{safeText(severity, 20)}</span>;
}

export function StateTag({ state }: { state: string }): JSX.Element {
  return (
    <span class={`state state-${/^[a-z]+$/.test(state) ? state : 'other'}`}>
      <i class="dot" />
      {safeText(state, 20)}
    </span>
  );
}

/** Whether the rule can tell at all: another question than what it says, so another look. */
export function HealthTag({ health }: { health: string }): JSX.Element {
  if (health === 'ok') return <span class="health health-ok">can tell</span>;
  return (
    <span class={`health health-${health}`}>{HEALTH_WORDS[health] ?? safeText(health, 20)}</span>
  );
}

const HEALTH_WORDS: Readonly<Record<string, string>> = {
  broken: 'has mistakes',
  deaf: 'hears nothing',
  paused: 'paused',
  silent: 'sources silent',
  late: 'behind',
  full: 'too many keys',
};

export function LabelChips({
  labels,
}: {
  labels: Readonly<Record<string, string>>;
}): JSX.Element | null {
  const own = ownLabels(labels);
  if (own.length === 0) return <p class="labels faint">the whole of it</p>;
  return (
    <p class="labels">
      {own.slice(0, LABELS_SHOWN_MAX).map(([name, value]) => (
        <span key={name} class="label" title={safeText(`${name} = ${value}`)}>
          <bdi class="label-name">{safeText(name, 40)}</bdi>
          <bdi>{safeText(value, 60)}</bdi>
        </span>
      ))}
      {own.length > LABELS_SHOWN_MAX && (
        <span class="faint">{own.length - LABELS_SHOWN_MAX} more</span>
      )}
    </p>
  );
}
