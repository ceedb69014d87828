/**
 * What a query would cost, before it runs: asked of the planner while the text is being written.
 */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { hasErrors } from '../grammar/diagnostic.ts';
import type { Connection } from './connection.ts';
import type { Explore } from './explore.ts';
import { estimateFrom } from './explain-plan.ts';
import { COST_DEBOUNCE_MS } from './limits.ts';

interface CostBeforeProps {
  readonly explore: Explore;
  readonly connection: Connection;
}

export function CostBefore({ explore, connection }: CostBeforeProps): JSX.Element | null {
  const text = explore.text.value.trim();
  const running = explore.running.value;
  const isNew = text !== '' && (running?.live !== true || running.query !== text);
  const isRight = isNew && !hasErrors(explore.diagnostics.value) && !/^explain\b/i.test(text);
  const estimate = useSignal('');
  useEffect(() => {
    estimate.value = '';
    if (!isRight) return undefined;
    let subscription: { readonly close: () => void } | null = null;
    const timer = setTimeout(() => {
      subscription = connection.subscribe(`EXPLAIN ${text}`, {}, (message) => {
        if (message.type === 'rows') estimate.value = estimateFrom(message.rows);
      });
    }, COST_DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      subscription?.close();
    };
  }, [isRight, text]);
  if (estimate.value === '') return null;
  return (
    <p class="cost-before" role="status">
      Cost: {estimate.value}
    </p>
  );
}
