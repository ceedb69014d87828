/** A panel that has its place on the grid. */
import type { BoardPanel, PanelPlace } from '../../src/board/board.ts';

export interface PlacedPanel extends BoardPanel {
  readonly at: PanelPlace;
}
