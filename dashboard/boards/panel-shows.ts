/** The ways a panel can show its result, as people and as charts call them. */
import type { PanelShow } from '../../src/board/board.ts';
import { DISPLAY_TITLES } from '../display.ts';
import type { Display } from '../display.ts';

export const SHOW_TITLES: Readonly<Record<PanelShow, string>> = {
  auto: 'As suits the query',
  ...DISPLAY_TITLES,
};

/** Null: as suits it. */
export function displayOf(show: PanelShow): Display | null {
  return show === 'auto' ? null : show;
}
