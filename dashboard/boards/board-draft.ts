/** A board as it is shown and changed: what stands in the engine, and what is not saved yet. */
import { computed, signal } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Board, BoardPanel } from '../../src/board/board.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api } from '../browser-host.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import { placedPanels } from './layout.ts';
import type { PlacedPanel } from './placed-panel.ts';

/** As the engine tells it. */
export interface BoardDetail {
  readonly board: Board;
  readonly text: string;
  readonly origin: string;
  readonly version: number;
  readonly author: string;
}

export function boardDetailFrom(body: unknown): BoardDetail | null {
  const record = recordFrom(body);
  const { name, panels, variables } = recordFrom(record['board']);
  const isWhole = typeof name === 'string' && Array.isArray(panels) && Array.isArray(variables);
  return isWhole ? (record as unknown as BoardDetail) : null;
}

export class BoardDraft {
  readonly detail: Signal<BoardDetail>;
  readonly panels: Signal<readonly PlacedPanel[]>;
  readonly editing: Signal<boolean> = signal(false);
  /** Why it was not saved; null: it was, or nobody tried. */
  readonly refused: Signal<string | null> = signal(null);
  /** Somebody else saved meanwhile; saving again goes over it. */
  readonly conflict: Signal<number | null> = signal(null);
  readonly changed: ReadonlySignal<boolean>;
  readonly #api: Api;

  constructor(api: Api, detail: BoardDetail) {
    this.#api = api;
    this.detail = signal(detail);
    this.panels = signal(placedPanels(detail.board.panels));
    this.changed = computed(() => {
      const saved = placedPanels(this.detail.value.board.panels);
      return JSON.stringify(saved) !== JSON.stringify(this.panels.value);
    });
  }

  get board(): Board {
    return this.detail.value.board;
  }

  /** A file's board is changed in its file. */
  get isFile(): boolean {
    const { origin } = this.detail.value;
    return origin !== 'api' && origin !== 'starter';
  }

  /** Takes what the engine has now, unless something is not saved here. */
  take(detail: BoardDetail): void {
    if (detail.text === this.detail.peek().text || this.changed.peek()) return;
    this.detail.value = detail;
    this.panels.value = placedPanels(detail.board.panels);
  }

  revert(): void {
    this.panels.value = placedPanels(this.board.panels);
    this.refused.value = null;
    this.conflict.value = null;
    this.editing.value = false;
  }

  setPanel(index: number, panel: BoardPanel): void {
    const known = this.panels.peek();
    const at = known[index]?.at ?? panel.at;
    const panels: BoardPanel[] = [...known];
    panels[index] = { ...panel, at };
    this.panels.value = placedPanels(panels);
  }

  addPanel(panel: BoardPanel): void {
    this.panels.value = placedPanels([...this.panels.peek(), panel]);
  }

  removePanel(index: number): void {
    this.panels.value = placedPanels(this.panels.peek().filter((_, i) => i !== index));
  }

  async save(): Promise<boolean> {
    const { version } = this.detail.peek();
    const expected = this.conflict.peek() ?? version;
    const headers: Record<string, string> =
      expected === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${expected}"` };
    const text = boardText({ ...this.board, panels: this.panels.peek() });
    const path = `boards/${encodeURIComponent(this.board.name)}`;
    const answer = await this.#api('PUT', path, text, headers);
    const saved = isGood(answer) ? boardDetailFrom(answer.body) : null;
    if (saved !== null) {
      this.detail.value = saved;
      this.panels.value = placedPanels(saved.board.panels);
      this.refused.value = null;
      this.conflict.value = null;
      return true;
    }
    const { version: newer, mistakes } = recordFrom(answer.body);
    this.conflict.value = answer.status === 412 && typeof newer === 'number' ? newer : null;
    const mistake = recordFrom(listOf(mistakes, 'mistakes')[0])['message'];
    this.refused.value =
      this.conflict.value === null
        ? typeof mistake === 'string'
          ? mistake
          : problemSentence(answer)
        : 'Somebody saved this board meanwhile. Save again to go over it, or load it anew.';
    return false;
  }
}

/** As the engine reads it: without what is usual. */
export function boardText({ name, title, description, variables, panels }: Board): object {
  return {
    name,
    title,
    ...(description === '' ? {} : { description }),
    ...(variables.length === 0
      ? {}
      : {
          variables: Object.fromEntries(
            variables.map(({ name: variable, label, values, query, all, default: usual }) => [
              variable,
              {
                ...(label === variable ? {} : { label }),
                ...(values.length === 0 ? {} : { values }),
                ...(query === null ? {} : { query }),
                ...(all ? {} : { all }),
                ...(usual === 'all' && all ? {} : { default: usual }),
              },
            ]),
          ),
        }),
    panels: panels.map(panelText),
  };
}

function panelText({ title, query, show, column, description, at }: BoardPanel): object {
  return {
    title,
    query,
    ...(show === 'auto' ? {} : { show }),
    ...(column === null ? {} : { column }),
    ...(description === '' ? {} : { description }),
    ...(at === null ? {} : { at: [at.x, at.y, at.width, at.height] }),
  };
}
