/** Streams with their fields, types and values that were seen. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { StreamView } from '../../src/coordinator/views.ts';
import type { Dashboard } from '../dashboard.ts';
import { sourceText } from '../examples.ts';
import {
  agoText,
  countText,
  dateText,
  durationText,
  numberText,
  safeText,
  valueText,
} from '../format.ts';
import { ListFrame } from '../list-frame.tsx';
import { Listeners } from './listeners.tsx';

/** Values of a field beside each other. */
const VALUES_SHOWN = 8;

export function StreamTable({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { catalogue } = dashboard;
  const open = useSignal<string | null>(null);
  const streams = catalogue.streams.value;
  const chosen = streams.find(({ name }) => name === open.value) ?? null;
  return (
    <>
      <ListFrame
        list={catalogue.loaded.value ? streams : null}
        failure={null}
        columns={[
          'Stream',
          'Kind',
          '#Events/s',
          '#Agents',
          '#Queries',
          '#Lag',
          'Time',
          '#Fields',
          '',
        ]}
        empty={{
          title: 'No streams',
          text: 'Streams appear as soon as an agent offers them or events are posted.',
        }}
        row={(stream) => (
          <StreamRow
            key={stream.name}
            stream={stream}
            isOpen={stream.name === open.value}
            onOpen={() => (open.value = open.value === stream.name ? null : stream.name)}
          />
        )}
      />
      {chosen !== null && <Fields stream={chosen} nowMs={dashboard.now()} />}
      <Listeners dashboard={dashboard} />
    </>
  );
}

interface StreamRowProps {
  readonly stream: StreamView;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function StreamRow({ stream, isOpen, onOpen }: StreamRowProps): JSX.Element {
  return (
    <tr class={isOpen ? 'chosen' : ''}>
      <td class="cut">
        <button type="button" class="link strong" aria-expanded={isOpen} onClick={onOpen}>
          <bdi>{safeText(stream.name, 80)}</bdi>
        </button>
      </td>
      <td class="faint">{[stream.kind, ...stream.via].join(' · ')}</td>
      <td class="number">
        {stream.eventsPerSecond == null ? (
          <span class="faint">nobody asks</span>
        ) : (
          numberText(Math.round(stream.eventsPerSecond))
        )}
      </td>
      <td class="number">{numberText(stream.agents)}</td>
      <td class="number">{numberText(stream.queries)}</td>
      <td class="number">{stream.lagMs === null ? '–' : durationText(stream.lagMs)}</td>
      <td class="faint">{safeText(stream.time, 40)}</td>
      <td class="number">
        {stream.changes.length > 0 && <span class="tag warn">changed</span>}{' '}
        {numberText(stream.fields.length)}
      </td>
      <td class="actions">
        <a class="button small" href={askAddress(`select * from ${sourceText(stream.name)}`)}>
          Tail
        </a>{' '}
        <a
          class="button small"
          href={askAddress(`select rate() from ${sourceText(stream.name)} window 1s`)}
        >
          Rate
        </a>
      </td>
    </tr>
  );
}

function Fields({ stream, nowMs }: { stream: StreamView; nowMs: number }): JSX.Element {
  return (
    <section class="card" aria-label={`Fields of ${safeText(stream.name)}`}>
      <header class="table-head">
        <h2>
          <bdi>{safeText(stream.name, 80)}</bdi>
        </h2>
        <span>{countText(stream.fields.length, 'field')}</span>
      </header>
      <Changes stream={stream} nowMs={nowMs} />
      {stream.fields.length === 0 ? (
        <p class="table-empty">Fields appear once events were seen.</p>
      ) : (
        <dl class="field-facts">
          {stream.fields.map(({ name, type, values }) => (
            <div key={name}>
              <dt>
                <bdi class="mono">{safeText(name, 80)}</bdi>
                <span class="faint">{safeText(type, 20)}</span>
              </dt>
              <dd>
                {values.slice(0, VALUES_SHOWN).map((value) => (
                  <bdi key={String(value)} class="value-chip">
                    {safeText(valueText(value), 40)}
                  </bdi>
                ))}
                {values.length === 0 && <span class="faint">no values known</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

/** What is new of its fields, newest first. */
function Changes({ stream, nowMs }: { stream: StreamView; nowMs: number }): JSX.Element | null {
  const changes = stream.changes.toReversed();
  if (changes.length === 0) return null;
  return (
    <ul class="schema-changes" aria-label="Changes of fields">
      {changes.map(({ atMs, field, from, to }) => (
        <li key={`${atMs} ${field}`}>
          <span class="tag warn">{from === null ? 'new' : 'type'}</span>
          <bdi class="mono">{safeText(field, 80)}</bdi>
          <span>
            {from === null ? safeText(to, 20) : `${safeText(from, 20)} → ${safeText(to, 20)}`}
          </span>
          <span class="faint" title={dateText(atMs)}>
            {agoText(atMs, nowMs)} ago
          </span>
        </li>
      ))}
    </ul>
  );
}

function askAddress(query: string): string {
  return `#${new URLSearchParams({ q: query, run: '1' }).toString()}`;
}
