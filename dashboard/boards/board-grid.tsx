/** The panels of a board on their grid; while it is changed they are dragged, by keys as well. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX, TargetedPointerEvent } from 'preact';
import { useRef } from 'preact/hooks';
import type { PanelPlace } from '../../src/board/board.ts';
import type { ValueObject } from '../../src/model/value.ts';
import type { Dashboard } from '../dashboard.ts';
import { BOARD_COLUMNS, BOARD_ROW_PX } from '../limits.ts';
import type { PlotMark } from '../plot-overlays.ts';
import type { BoardDraft } from './board-draft.ts';
import { BoardPanelView } from './board-panel.tsx';
import { movedPanel, readingOrder } from './layout.ts';
import type { PlacedPanel } from './placed-panel.ts';

export interface BoardGridProps {
  readonly dashboard: Dashboard;
  readonly draft: BoardDraft;
  readonly values: ValueObject;
  readonly spanMs: number;
  readonly marks: readonly PlotMark[];
  readonly form: Signal<number | 'new' | null>;
}

/** As in the styles. */
const GAP_PX = 10;

/** A panel that is being dragged: which, how, and where it was when that began. */
interface Drag {
  readonly index: number;
  readonly kind: 'move' | 'resize';
  readonly x: number;
  readonly y: number;
  readonly panels: readonly PlacedPanel[];
}

export function BoardGrid(props: BoardGridProps): JSX.Element {
  const { draft, form } = props;
  const grid = useRef<HTMLDivElement>(null);
  const drag = useSignal<Drag | null>(null);
  const panels = draft.panels.value;
  const editing = draft.editing.value;
  if (panels.length === 0) return <NoPanels draft={draft} form={form} />;
  const onMove = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    const held = drag.peek();
    const box = grid.current;
    if (held === null || box === null) return;
    const columnPx = (box.clientWidth + GAP_PX) / BOARD_COLUMNS;
    const columns = (event.clientX - held.x) / columnPx;
    const rows = (event.clientY - held.y) / (BOARD_ROW_PX + GAP_PX);
    const at = held.panels[held.index]?.at;
    if (at === undefined) return;
    draft.panels.value = movedPanel(held.panels, held.index, changed(at, held, columns, rows));
  };
  const place = (index: number, at: PanelPlace): void => {
    draft.panels.value = movedPanel(panels, index, at);
  };
  return (
    <div
      class={editing ? 'board-grid editing' : 'board-grid'}
      ref={grid}
      onPointerMove={onMove}
      onPointerUp={() => (drag.value = null)}
      onPointerCancel={() => (drag.value = null)}
    >
      {readingOrder(panels).map((index) => {
        const panel = panels[index];
        if (panel === undefined) return null;
        return (
          <BoardPanelView
            key={`${panel.title}\n${panel.query}`}
            {...props}
            {...{ panel, editing, place: (at: PanelPlace) => place(index, at) }}
            dragged={drag.value?.index === index}
            onEdit={() => (form.value = index)}
            onRemove={() => draft.removePanel(index)}
            onGrab={(kind, { clientX: x, clientY: y, pointerId }) => {
              // What leaves the grid, or the window, goes on.
              grid.current?.setPointerCapture(pointerId);
              drag.value = { index, kind, x, y, panels };
            }}
          />
        );
      })}
    </div>
  );
}

function changed(at: PanelPlace, { kind }: Drag, columns: number, rows: number): PanelPlace {
  return kind === 'move'
    ? { ...at, x: at.x + columns, y: at.y + rows }
    : { ...at, width: at.width + columns, height: at.height + rows };
}

function NoPanels({ draft, form }: Pick<BoardGridProps, 'draft' | 'form'>): JSX.Element {
  return (
    <div class="card empty">
      <p class="empty-title">Nothing here yet</p>
      <p>
        A panel is a query with a title. Ask in Explore and put the answer here, or write one now.
      </p>
      {!draft.isFile && (
        <button
          type="button"
          class="button primary"
          onClick={() => {
            draft.editing.value = true;
            form.value = 'new';
          }}
        >
          Write a panel
        </button>
      )}
    </div>
  );
}
