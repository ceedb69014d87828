/** The list of boards as the engine tells it, and names for new ones. */
import { listOf, recordFrom } from '../catalogue.ts';
import { BOARDS_SHOWN_MAX } from '../limits.ts';

export interface BoardItem {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly panels: number;
  /** `api`, `starter`, or a file. */
  readonly origin: string;
}

export interface BoardLists {
  readonly boards: readonly BoardItem[];
  /** What is wrong with files, one sentence; null: nothing. */
  readonly trouble: string | null;
}

export function boardsFrom(body: unknown): BoardLists {
  const boards = listOf(body, 'boards')
    .slice(0, BOARDS_SHOWN_MAX)
    .map((item) => recordFrom(item) as unknown as BoardItem)
    .filter(({ name, title }) => typeof name === 'string' && typeof title === 'string');
  const files = recordFrom(recordFrom(body)['files']);
  const { file, line, message } = recordFrom(listOf(files['mistakes'], 'mistakes')[0]);
  const trouble =
    files['ok'] === false ? `${String(file)}:${String(line)}: ${String(message)}` : null;
  return { boards, trouble };
}

/** What an address can carry of a title. */
export function nameFrom(title: string): string {
  const name = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 100);
  return name === '' ? 'board' : name;
}
