/** The Live tail: events of a stream that fulfil a condition, as they happen. */
import { effect } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import '../styles/tail.css';
import type { StreamView } from '../../src/coordinator/views.ts';
import type { Dashboard } from '../dashboard.ts';
import { safeText } from '../format.ts';
import { isDialogOpen, isTyping } from '../keys.ts';
import { EventDetails } from './event-details.tsx';
import { EventList } from './event-list.tsx';
import { FieldPanel } from './field-panel.tsx';
import { Tail } from './tail.ts';
import { tailAddressFrom, tailHash } from './tail-address.ts';
import type { TailAddress } from './tail-address.ts';
import { TailBar } from './tail-bar.tsx';
import { TailFacts } from './tail-facts.tsx';

export interface TailScreenProps {
  readonly dashboard: Dashboard;
  /** Whether the fields are shown on a narrow page. */
  readonly drawer: Signal<boolean>;
}

/** What was looked at last, for who comes back without naming anything. */
const last = new WeakMap<Dashboard, TailAddress>();

export function TailScreen({ dashboard, drawer }: TailScreenProps): JSX.Element {
  const tail = useTail(dashboard);
  useShortcuts(tail);
  const revision = tail.revision.value;
  const { stream } = tail.question.value;
  const selected = tail.selected.value;
  const entry = selected === null ? undefined : entryOf(tail, selected);
  const closeDrawer = (): void => {
    drawer.value = false;
  };
  return (
    <div class="page tail-page">
      <aside class={drawer.value ? 'side open' : 'side'}>
        <FieldPanel {...{ dashboard, tail, revision }} />
      </aside>
      {drawer.value && <div class="side-shade" onClick={closeDrawer} />}
      <main class="main tail-main" id="main">
        <h2 class="sr-only">Live tail</h2>
        <TailBar {...{ dashboard, tail }} />
        {stream === '' ? (
          <NoStream dashboard={dashboard} tail={tail} />
        ) : (
          <>
            <TailFacts {...{ dashboard, tail, revision }} />
            <div class={entry === undefined ? 'tail-parts' : 'tail-parts with-details'}>
              {tail.length === 0 ? (
                <Nothing tail={tail} />
              ) : (
                <EventList key={stream} {...{ tail, revision }} />
              )}
              {entry !== undefined && <EventDetails {...{ tail, entry }} key={entry.number} />}
            </div>
          </>
        )}
      </main>
    </div>
  );
}

/** One tail for as long as the screen is there, running, and standing in the address. */
function useTail(dashboard: Dashboard): Tail {
  const { api, connection, scheduleFrame, catalogue, router } = dashboard;
  const tail = useMemo(() => {
    const address = tailAddressFrom(router.route.peek().params) ??
      last.get(dashboard) ?? { stream: '', filter: '', columns: [] };
    const rateOf = (name: string): number | null => rateIn(catalogue.streams.peek(), name);
    return new Tail({ api, connection, scheduleFrame, rateOf }, address);
  }, [dashboard]);
  useEffect(() => {
    tail.start();
    return () => tail.stop();
  }, [tail]);
  useEffect(
    () =>
      effect(() => {
        const address = { ...tail.question.value, columns: tail.columns.value };
        if (address.stream === '') return;
        last.set(dashboard, address);
        const hash = tailHash(address);
        if (hash !== location.hash) history.replaceState(null, '', location.pathname + hash);
      }),
    [tail],
  );
  useEffect(() => {
    // A link to another tail, followed while this one is shown.
    const address = tailAddressFrom(router.route.value.params);
    const known = tail.question.peek();
    if (address === null) return;
    if (address.stream === known.stream && address.filter === known.filter) return;
    tail.columns.value = address.columns;
    void tail.ask(address);
  }, [router.route.value]);
  return tail;
}

function rateIn(streams: readonly StreamView[], name: string): number | null {
  return streams.find((stream) => stream.name === name)?.eventsPerSecond ?? null;
}

function entryOf(tail: Tail, number: number): ReturnType<Tail['at']> {
  const newest = tail.at(0)?.number;
  return newest === undefined ? undefined : tail.at(newest - number);
}

function Nothing({ tail }: { tail: Tail }): JSX.Element {
  const problem = tail.counts.problem ?? tail.events.problem;
  if (problem !== null) {
    return (
      <div class="card empty" role="alert">
        <p class="empty-title">{safeText(problem.title, 120)}</p>
        <p>{safeText(problem.detail, 400)}</p>
      </div>
    );
  }
  const counted = tail.counts.ring.length > 0;
  return (
    <div class="card empty" role="status">
      <span class="pulse" />
      <p class="empty-title">{counted ? 'Nothing matches yet' : 'Asking the engine…'}</p>
      {counted && (
        <p>
          {tail.question.value.filter.trim() === ''
            ? 'The stream is quiet. Its next event appears here at once.'
            : 'The next event that fulfils the condition appears here at once.'}
        </p>
      )}
    </div>
  );
}

function NoStream({ dashboard, tail }: { dashboard: Dashboard; tail: Tail }): JSX.Element {
  const streams = dashboard.catalogue.streams.value;
  return (
    <div class="card empty">
      <p class="empty-title">Whose events?</p>
      <p>
        {streams.length === 0
          ? 'As soon as an agent offers a stream it can be followed here.'
          : 'Choose a stream; a condition may follow.'}
      </p>
      <p class="tail-choices">
        {streams.slice(0, 12).map(({ name }) => (
          <button
            key={name}
            type="button"
            class="chip"
            onClick={() => void tail.ask({ stream: name, filter: '' })}
          >
            <bdi>{safeText(name, 60)}</bdi>
          </button>
        ))}
      </p>
    </div>
  );
}

function useShortcuts(tail: Tail): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isDialogOpen()) return;
      if (event.key === 'Escape') {
        if (tail.selected.peek() !== null) tail.selected.value = null;
        else if (tail.paused.peek() !== null) tail.resume();
        return;
      }
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('.tail-filter input')?.focus();
      } else if (event.key === ' ' && !isButton(event)) {
        event.preventDefault();
        if (tail.paused.peek() === null) tail.pause();
        else tail.resume();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [tail]);
}

function isButton({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.matches('button, a');
}
