/** What the gateway asks of boards and annotations. */
import type { Annotation, Annotations } from '../board/annotations.ts';
import type { BoardBook, BoardEntry } from '../board/board-book.ts';

export interface BoardHowAsked {
  readonly by: string;
  /** The version that was seen; 0: none; null: whatever is there. */
  readonly expected: number | null;
}

/** @throws EngineError with a code that says what is wrong, from any of the changes. */
export interface BoardPort {
  readonly book: Pick<BoardBook, 'entry' | 'versions' | 'check' | 'lastReload'>;
  readonly annotations: Pick<Annotations, 'list'>;
  entries(): readonly BoardEntry[];
  put(name: string, text: string, how: BoardHowAsked): { entry: BoardEntry; isNew: boolean };
  remove(name: string, how: BoardHowAsked): void;
  annotate(body: Readonly<Record<string, unknown>>, by: string): Annotation;
  /** False: there is none of that id. */
  removeAnnotation(id: string, by: string): boolean;
}
