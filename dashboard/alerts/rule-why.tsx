/** Why an alert does or does not fire: window after window, what was seen and what it proved. */
import type { JSX } from 'preact';
import type { AlertExplanation, WindowDecision } from '../../src/alert/explain-alert.ts';
import type { Api } from '../browser-host.ts';
import { listOf } from '../catalogue.ts';
import { clockText, numberText, readableText, safeText } from '../format.ts';
import { SCREEN_POLL_MS } from '../limits.ts';
import { usePolled } from '../polled.ts';
import { keyText } from './alert-words.ts';
import { StateTag } from './severity-tag.tsx';

export interface RuleWhyProps {
  readonly api: Api;
  readonly rule: string;
  readonly alertKey: string;
}

/** The verdicts of windows as words; the colour only helps. */
const VERDICTS: Readonly<Record<string, string>> = {
  holds: 'holds',
  clear: 'clear',
  between: 'in between',
  unknown: 'proves nothing',
};

export function RuleWhy({ api, rule, alertKey }: RuleWhyProps): JSX.Element {
  const key = new URLSearchParams({ key: alertKey }).toString();
  const why = usePolled({
    api,
    path: `rules/${encodeURIComponent(rule)}/why?${key}`,
    read: (body) => (listOf(body, 'alerts')[0] as AlertExplanation | undefined) ?? null,
    everyMs: SCREEN_POLL_MS,
  });
  const explanation = why.value.value;
  return (
    <section class="card why" aria-label="Why it does or does not fire">
      <header class="table-head">
        <h2>Why</h2>
        <bdi>{keyText(alertKey)}</bdi>
      </header>
      {explanation === null ? (
        <p class="why-none">{why.failure.value ?? 'Asking the engine…'}</p>
      ) : (
        <>
          <p class="why-now">
            <StateTag state={explanation.state} />
            {explanation.waitsFor === null
              ? 'and waits for nothing'
              : `and waits for ${safeText(explanation.waitsFor, 200)}`}
          </p>
          <ol class="why-windows" tabIndex={0} aria-label="Windows, newest first">
            {explanation.windows.map((decision) => (
              <Decision key={decision.window.endMs} decision={decision} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Decision({ decision }: { decision: WindowDecision }): JSX.Element {
  const { window, value, verdict, why } = decision;
  return (
    <li class={`verdict-${verdict ?? 'absent'}`}>
      <span class="why-time">{clockText(window.endMs)}</span>
      <strong class="why-value">{value === null ? '–' : numberText(value)}</strong>
      <span class="why-verdict">{verdict === null ? 'no row' : VERDICTS[verdict]}</span>
      <bdi class="why-text">{readableText(why, 200)}</bdi>
    </li>
  );
}
