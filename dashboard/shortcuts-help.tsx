/** Every shortcut there is. */
import type { JSX } from 'preact';
import { Modal } from './modal.tsx';

const GROUPS: readonly {
  readonly title: string;
  readonly keys: readonly (readonly [string, string])[];
}[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl K', 'go to a screen, stream or query'],
      ['g e', 'Explore'],
      ['g t', 'Live tail'],
      ['g b', 'Boards'],
      ['g a', 'Alerts'],
      ['g f', 'Fleet'],
      ['?', 'this help'],
    ],
  },
  {
    title: 'Explore',
    keys: [
      ['/', 'edit the query'],
      ['Ctrl Enter', 'run it'],
      ['Esc', 'stop it'],
      ['Ctrl Space', 'proposals'],
      ['Ctrl I', 'explain the word at the caret'],
      ['Shift Alt F', 'lay the query out'],
      ['p', 'pause the chart, follow again'],
      ['b', 'build the query by clicking'],
      ['x', 'how it runs'],
      ['d', 'what differs'],
    ],
  },
  {
    title: 'Live tail',
    keys: [
      ['/', 'edit the condition'],
      ['Space', 'pause, go on'],
      ['↓ ↑', 'the event below, above'],
      ['Esc', 'close the event, then go on'],
    ],
  },
  {
    title: 'Boards',
    keys: [
      ['n', 'new board, on the list'],
      ['k', 'the board alone, for a wall'],
      ['Esc', 'back from the wall'],
      ['m', 'mark that something happened'],
      ['c', 'change the board'],
    ],
  },
  {
    title: 'Alerts and Fleet',
    keys: [
      ['1 … 5', 'its parts, from the left'],
      ['n', 'new alert rule'],
    ],
  },
];

export function ShortcutsHelp({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Modal label="Keyboard shortcuts" classes="help" onClose={onClose}>
      <header class="modal-head">
        <h2>Keyboard shortcuts</h2>
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </header>
      <div class="help-groups">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    {key.split(' ').map((part) => (
                      <kbd key={part}>{part}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
