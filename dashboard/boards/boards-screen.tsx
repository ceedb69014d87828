/** Boards: the list of them, or the one that the address names. */
import type { JSX } from 'preact';
import '../styles/boards.css';
import type { Dashboard } from '../dashboard.ts';
import { BoardList } from './board-list.tsx';
import { BoardLoader } from './board-page.tsx';

export function BoardsScreen({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const [name] = dashboard.router.route.value.path;
  return name === undefined ? (
    <BoardList dashboard={dashboard} />
  ) : (
    <BoardLoader key={name} {...{ dashboard, name }} />
  );
}
