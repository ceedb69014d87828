/** A table of a list that is polled, with what to say while there is none of it. */
import type { ComponentChildren, JSX } from 'preact';

export interface ListFrameProps<T> {
  /** Null until it was read once. */
  readonly list: readonly T[] | null;
  readonly failure: string | null;
  /** Heads; an empty one is a column of buttons, one that begins with `#` has numbers. */
  readonly columns: readonly string[];
  readonly empty: { readonly title: string; readonly text: ComponentChildren };
  readonly row: (item: T) => JSX.Element;
}

export function ListFrame<T>({
  list,
  failure,
  columns,
  empty,
  row,
}: ListFrameProps<T>): JSX.Element {
  if (list === null && failure === null) {
    return <div class="loading" role="status" aria-label="Loading" />;
  }
  return (
    <>
      {failure !== null && (
        <p class="notice warn" role="alert">
          {failure}
        </p>
      )}
      {list !== null && list.length === 0 && (
        <div class="card empty">
          <p class="empty-title">{empty.title}</p>
          <p>{empty.text}</p>
        </div>
      )}
      {list !== null && list.length > 0 && (
        <div class="card list-card" tabIndex={0} role="region" aria-label={columns[0] ?? ''}>
          <table class="list" style={columnNames(columns)}>
            <thead>
              <tr>
                {columns.map((title) => (
                  <HeadCell key={title} title={title} />
                ))}
              </tr>
            </thead>
            <tbody>{list.map(row)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** For narrow pages, where styles set the name of its column before each cell. */
function columnNames(columns: readonly string[]): Record<string, string> {
  const names = columns.flatMap((title, i) =>
    title === '' ? [] : [[`--column-${i + 1}`, JSON.stringify(title.replace('#', ''))]],
  );
  return Object.fromEntries(names) as Record<string, string>;
}

function HeadCell({ title }: { title: string }): JSX.Element {
  if (title === '') return <td />;
  return title.startsWith('#') ? (
    <th scope="col" class="number">
      {title.slice(1)}
    </th>
  ) : (
    <th scope="col">{title}</th>
  );
}
