/** What can be asked about: streams with their rates and fields; a click writes into the query. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { FieldView, StreamView } from '../src/coordinator/views.ts';
import type { Catalogue } from './catalogue.ts';
import { fieldText, sourceText } from './examples.ts';
import type { Explore } from './explore.ts';
import { countText, durationText, numberText, safeText } from './format.ts';
import { Icon } from './icons.tsx';

interface PanelProps {
  readonly explore: Explore;
  readonly catalogue: Catalogue;
  /** A choice was made; a drawer may close. */
  readonly onChosen: () => void;
}

/** Lists longer than this get a search box. */
const SEARCH_FROM = 6;

export function StreamsPanel({ explore, catalogue, onChosen }: PanelProps): JSX.Element {
  const search = useSignal('');
  const streams = catalogue.streams.value;
  const wanted = search.value.trim().toLowerCase();
  const shown = wanted === '' ? streams : streams.filter((stream) => matches(stream, wanted));
  const beyond = catalogue.streamCount.value - streams.length;
  return (
    <section class="streams" aria-label="Streams">
      <header class="panel-head">
        <h2>Streams</h2>
        <span class="count">{numberText(catalogue.streamCount.value)}</span>
      </header>
      {streams.length > SEARCH_FROM && (
        <input
          class="search"
          type="search"
          placeholder="Find a stream or field"
          aria-label="Find a stream or field"
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      )}
      {streams.length === 0 && <NoStreams loaded={catalogue.loaded.value} />}
      <ul class="stream-list">
        {shown.map((stream) => (
          <Stream key={stream.name} {...{ stream, explore, onChosen }} />
        ))}
      </ul>
      {wanted !== '' && shown.length === 0 && <p class="panel-note">Nothing by that name.</p>}
      {beyond > 0 && <p class="panel-note">{countText(beyond, 'more stream')} not listed.</p>}
    </section>
  );
}

function NoStreams({ loaded }: { loaded: boolean }): JSX.Element {
  if (!loaded) return <p class="panel-note">Asking the engine…</p>;
  return (
    <div class="panel-note">
      <p>No agent offers a stream yet. Start one:</p>
      <code>squilla agent host</code>
      <code>squilla agent tail access.log</code>
    </div>
  );
}

function matches(stream: StreamView, wanted: string): boolean {
  return (
    stream.name.toLowerCase().includes(wanted) ||
    stream.fields.some((field) => field.name.toLowerCase().includes(wanted))
  );
}

interface StreamProps {
  readonly stream: StreamView;
  readonly explore: Explore;
  readonly onChosen: () => void;
}

function Stream({ stream, explore, onChosen }: StreamProps): JSX.Element {
  const open = useSignal(false);
  const source = sourceText(stream.name);
  const ask = (query: string) => (): void => {
    explore.run(query);
    onChosen();
  };
  return (
    <li class="stream">
      <button
        type="button"
        class="stream-row"
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <span class={open.value ? 'chevron open' : 'chevron'}>
          <Icon name="chevron" />
        </span>
        <bdi class="stream-name" title={safeText(stream.name)}>
          {safeText(stream.name, 60)}
        </bdi>
        <span class="stream-rate">{rateText(stream)}</span>
      </button>
      {open.value && (
        <div class="stream-body">
          <p class="stream-facts">
            {countText(stream.agents ?? 0, 'agent')}
            {stream.lagMs != null && ` · lag ${durationText(stream.lagMs)}`}
          </p>
          <p class="stream-actions">
            <button type="button" onClick={ask(`select rate() from ${source} window 1s`)}>
              Rate
            </button>
            <button type="button" onClick={ask(`select * from ${source}`)}>
              Tail
            </button>
            <button
              type="button"
              onClick={() => explore.insert(source)}
              title="Write the name at the caret"
            >
              Insert
            </button>
          </p>
          <ul class="field-list">
            {stream.fields.map((field) => (
              <Field key={field.name} {...{ field, stream, explore }} />
            ))}
          </ul>
          {stream.fields.length === 0 && (
            <p class="panel-note">Fields appear once events were seen.</p>
          )}
        </div>
      )}
    </li>
  );
}

function rateText({ eventsPerSecond }: StreamView): string {
  return eventsPerSecond == null ? '' : `${numberText(Math.round(eventsPerSecond))}/s`;
}

function Field({
  field,
  stream,
  explore,
}: {
  field: FieldView;
  stream: StreamView;
  explore: Explore;
}): JSX.Element {
  const insert = (): void => {
    const name = fieldText(field.name);
    if (explore.text.peek().trim() === '') explore.run(starterFor(field, stream));
    else explore.insert(name);
  };
  return (
    <li>
      <button type="button" class="field" onClick={insert} title={safeText(field.name)}>
        <bdi>{safeText(field.name, 60)}</bdi>
        <span class="field-type">{safeText(field.type ?? '', 12)}</span>
      </button>
    </li>
  );
}

/** What a lone field most likely means: its distribution if it is a number, else its top values. */
function starterFor(field: FieldView, stream: StreamView): string {
  const name = fieldText(field.name);
  const source = sourceText(stream.name);
  return field.type === 'number'
    ? `select p50(${name}), p99(${name}) from ${source} window 1s`
    : `select count(*) from ${source} window 1s group by ${name} order by 2 desc limit 50`;
}
