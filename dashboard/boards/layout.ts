/**
 * Where panels stand on a board's grid. Panels never overlap: one that is moved or grows pushes
 * those below it down, and then everything falls up as far as it can. Pure.
 */
import type { PlacedPanel } from './placed-panel.ts';
import type { BoardPanel, PanelPlace } from '../../src/board/board.ts';
import { BOARD_COLUMNS } from '../limits.ts';

const WIDTH_DEFAULT = BOARD_COLUMNS / 2;
const HEIGHT_DEFAULT = 6;
const WIDTH_MIN = 2;
const HEIGHT_MIN = 3;

/** Gives those a place that have none: below all others, two beside each other. */
export function placedPanels(panels: readonly BoardPanel[]): readonly PlacedPanel[] {
  const placed = panels.flatMap(({ at }) => (at === null ? [] : [at]));
  let y = placed.reduce((below, at) => Math.max(below, at.y + at.height), 0);
  let x = 0;
  const all = panels.map((panel): PlacedPanel => {
    if (panel.at !== null) return { ...panel, at: panel.at };
    const at = { x, y, width: WIDTH_DEFAULT, height: HEIGHT_DEFAULT };
    x = x === 0 ? WIDTH_DEFAULT : 0;
    if (x === 0) y += HEIGHT_DEFAULT;
    return { ...panel, at };
  });
  return settled(all, null);
}

/** The panels with one of them somewhere else, or of another size. */
export function movedPanel(
  panels: readonly PlacedPanel[],
  index: number,
  wanted: PanelPlace,
): readonly PlacedPanel[] {
  const width = Math.max(WIDTH_MIN, Math.min(BOARD_COLUMNS, Math.round(wanted.width)));
  const at = {
    width,
    height: Math.max(HEIGHT_MIN, Math.round(wanted.height)),
    x: Math.max(0, Math.min(BOARD_COLUMNS - width, Math.round(wanted.x))),
    y: Math.max(0, Math.round(wanted.y)),
  };
  return settled(
    panels.map((panel, i) => (i === index ? { ...panel, at } : panel)),
    index,
  );
}

/** In the order in which they are read: for narrow pages, and for the keyboard. */
export function readingOrder(panels: readonly PlacedPanel[]): readonly number[] {
  return panels
    .map((_, index) => index)
    .toSorted((a, b) => compare(panels[a]?.at, panels[b]?.at) || a - b);
}

function compare(a: PanelPlace | undefined, b: PanelPlace | undefined): number {
  return (a?.y ?? 0) - (b?.y ?? 0) || (a?.x ?? 0) - (b?.x ?? 0);
}

/** @param first Stands where it was put if that is not higher than it can fall; null: none does. */
function settled(panels: readonly PlacedPanel[], first: number | null): readonly PlacedPanel[] {
  const order = readingOrder(panels).toSorted((a, b) => {
    const [at, other] = [panels[a]?.at, panels[b]?.at];
    // At equal heights the one that was moved goes first and the others make room.
    if (at?.y === other?.y && (a === first || b === first)) return a === first ? -1 : 1;
    return compare(at, other);
  });
  const places = new Map<number, PanelPlace>();
  for (const index of order) {
    const panel = panels[index];
    if (panel === undefined) continue;
    places.set(index, fallen(panel.at, [...places.values()]));
  }
  return panels.map((panel, index) => ({ ...panel, at: places.get(index) ?? panel.at }));
}

/** As high as it can stand without touching the others. */
function fallen(at: PanelPlace, others: readonly PanelPlace[]): PanelPlace {
  const above = others.filter(({ x, width }) => x < at.x + at.width && at.x < x + width);
  const y = above.reduce((below, other) => Math.max(below, other.y + other.height), 0);
  return { ...at, y };
}
