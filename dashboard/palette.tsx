/** One field to go anywhere: screens, actions, examples, saved queries, streams. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { listOf, recordFrom } from './catalogue.ts';
import type { Dashboard } from './dashboard.ts';
import { examplesFor, sourceText } from './examples.ts';
import { safeText } from './format.ts';
import { PALETTE_SHOWN_MAX } from './limits.ts';
import { Modal } from './modal.tsx';
import { SCREENS } from './router.ts';
import { nextTheme } from './theme.ts';
import { switchTimeZone } from './time-zone.ts';

export interface Command {
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly run: () => void;
}

export function Palette({
  dashboard,
  onClose,
}: {
  dashboard: Dashboard;
  onClose: () => void;
}): JSX.Element {
  const text = useSignal('');
  const at = useSignal(0);
  const saved = useSignal<readonly Command[]>([]);
  const boards = useSignal<readonly Command[]>([]);
  useEffect(() => {
    void savedCommands(dashboard).then((commands) => {
      saved.value = commands;
      return undefined;
    });
    void boardCommands(dashboard).then((commands) => {
      boards.value = commands;
      return undefined;
    });
  }, [dashboard]);
  const commands = [...commandsFor(dashboard), ...boards.value, ...saved.value];
  const shown = rankCommands(commands, text.value).slice(0, PALETTE_SHOWN_MAX);
  const chosen = Math.min(at.value, shown.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') at.value = (chosen + 1) % Math.max(1, shown.length);
    else if (event.key === 'ArrowUp') at.value = chosen <= 0 ? shown.length - 1 : chosen - 1;
    else if (event.key === 'Enter') run(shown[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal label="Go to or run" classes="palette" onClose={onClose}>
      <input
        class="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={shown.length > 0 ? `palette-${chosen}` : undefined}
        aria-label="Go to or run"
        placeholder="Screen, stream, saved query, action…"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={onKey}
      />
      <Matches {...{ shown, chosen, run, at }} />
      {shown.length === 0 && <p class="panel-note">Nothing by that name.</p>}
    </Modal>
  );
}

interface MatchesProps {
  readonly shown: readonly Command[];
  readonly chosen: number;
  readonly at: Signal<number>;
  readonly run: (command: Command) => void;
}

function Matches({ shown, chosen, at, run }: MatchesProps): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <ul class="palette-list" id="palette-list" role="listbox" aria-label="Matches" ref={list}>
      {shown.map((command, index) => (
        <li
          key={`${command.kind} ${command.title}`}
          id={`palette-${index}`}
          role="option"
          aria-selected={index === chosen}
          onPointerMove={() => (at.value = index)}
          onClick={() => run(command)}
        >
          <span class="palette-kind">{command.kind}</span>
          <bdi class="palette-title">{safeText(command.title, 80)}</bdi>
          <bdi class="palette-detail">{safeText(command.detail, 120)}</bdi>
        </li>
      ))}
    </ul>
  );
}

function commandsFor(dashboard: Dashboard): readonly Command[] {
  const { router, catalogue } = dashboard;
  const go = SCREENS.map(({ name, title }): Command => ({
    kind: 'Go to',
    title,
    detail: '',
    run: () => router.go(name),
  }));
  const streams = catalogue.streams.value;
  return [
    ...go,
    ...ALERT_PAGES.map(({ title, path }) => ({
      ...{ kind: 'Go to', title, detail: '' },
      run: () => router.go('alerts', path),
    })),
    { kind: 'Do', title: 'Switch theme', detail: 'light, dark, contrast', run: nextTheme },
    { kind: 'Do', title: 'Switch time zone', detail: 'local or UTC', run: switchTimeZone },
    ...(catalogue.status.value?.demo === true
      ? [
          {
            ...{ kind: 'Do', title: 'Tour', detail: 'break the demo and find out what broke' },
            run: () => {
              router.go('explore');
              dashboard.tour.begin();
            },
          },
        ]
      : []),
    ...examplesFor(streams).map(({ title, query }) => ({
      ...{ kind: 'Example', title, detail: query },
      run: () => ask(dashboard, query),
    })),
    ...streams.map(({ name }) => ({
      ...{ kind: 'Stream', title: name, detail: 'its rate, live' },
      run: () => ask(dashboard, `select rate() from ${sourceText(name)} window 1s`),
    })),
    ...streams.map(({ name }) => ({
      ...{ kind: 'Tail', title: name, detail: 'its events, live' },
      run: () => router.go('tail', [], { from: name }),
    })),
  ];
}

const ALERT_PAGES: readonly { readonly title: string; readonly path: readonly string[] }[] = [
  { title: 'Alert rules', path: ['rules'] },
  { title: 'New alert rule', path: ['new'] },
  { title: 'Silences', path: ['silences'] },
  { title: 'Alert history', path: ['history'] },
  { title: 'Delivery log', path: ['deliveries'] },
];

async function savedCommands(dashboard: Dashboard): Promise<readonly Command[]> {
  const { body } = await dashboard.api('GET', 'saved-queries');
  return listOf(body, 'queries').flatMap((item): Command[] => {
    const { name, text } = recordFrom(item);
    if (typeof name !== 'string' || typeof text !== 'string') return [];
    return [{ kind: 'Saved', title: name, detail: text, run: () => ask(dashboard, text) }];
  });
}

async function boardCommands({ api, router }: Dashboard): Promise<readonly Command[]> {
  const { body } = await api('GET', 'boards');
  return listOf(body, 'boards').flatMap((item): Command[] => {
    const { name, title } = recordFrom(item);
    if (typeof name !== 'string' || typeof title !== 'string') return [];
    return [{ kind: 'Board', title, detail: name, run: () => router.go('boards', [name]) }];
  });
}

function ask({ router, explore }: Dashboard, query: string): void {
  explore.run(query);
  router.go('explore');
}

/** Commands that have the letters of the text in order, best first: a word's start counts most. */
export function rankCommands(commands: readonly Command[], text: string): readonly Command[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return commands;
  return commands
    .map((command) => ({ command, score: scoreOf(command.title, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ command }) => command);
}

/** So few letters in order are in every title. */
const LETTERS_MIN = 3;

function scoreOf(title: string, wanted: string): number {
  const text = title.toLowerCase();
  const at = text.indexOf(wanted);
  if (at === 0) return 4;
  if (at > 0) return /\W/.test(text.charAt(at - 1)) ? 3 : 2;
  if (wanted.length < LETTERS_MIN) return 0;
  let from = 0;
  for (const letter of wanted) {
    const found = text.indexOf(letter, from);
    if (found === -1) return 0;
    from = found + 1;
  }
  return 1;
}
