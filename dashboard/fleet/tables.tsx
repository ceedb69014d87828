/** Tables that queries look up: where their rows come from, how old they are, who reads them. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { TableView } from '../../src/gateway/table-port.ts';
import type { ValueObject } from '../../src/model/value.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api } from '../browser-host.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { agoText, cellText, countText, durationText, numberText, safeText } from '../format.ts';
import { Icon } from '../icons.tsx';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { TableForm } from './table-form.tsx';

export function Tables({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api, now } = dashboard;
  const open = useSignal<string | null>(null);
  const adding = useSignal(false);
  const asked = useSignal<string | null>(null);
  const refused = useSignal<string | null>(null);
  const tables = usePolled({
    api,
    path: 'tables',
    read: (body) => listOf(body, 'tables').slice(0, LIST_SHOWN_MAX) as readonly TableView[],
    everyMs: SCREEN_POLL_MS,
  });
  const remove = async ({ name }: TableView): Promise<void> => {
    if (asked.value !== name) {
      asked.value = name;
      return;
    }
    asked.value = null;
    const answer = await api('DELETE', `tables/${encodeURIComponent(name)}`);
    refused.value = isGood(answer) ? null : problemSentence(answer);
    await tables.refresh();
  };
  return (
    <>
      <div class="list-tools">
        <button type="button" class="button" onClick={() => (adding.value = true)}>
          <Icon name="plus" />
          Add a table
        </button>
      </div>
      {refused.value !== null && (
        <p class="notice warn" role="alert">
          {refused.value}
        </p>
      )}
      <ListFrame
        list={tables.value.value}
        failure={tables.failure.value}
        columns={['Table', 'Key', '#Rows', '#Version', 'Source', 'Rows from', '#Queries', '']}
        empty={{
          title: 'No tables',
          text: 'A table gives events what they do not carry: FROM plays p JOIN titles t ON p.title = t.title.',
        }}
        row={(table) => (
          <TableRow
            key={table.name}
            {...{ table, open: open.value === table.name, isAsked: asked.value === table.name }}
            nowMs={now()}
            onOpen={() => (open.value = open.value === table.name ? null : table.name)}
            onRemove={() => void remove(table)}
          />
        )}
      />
      {open.value !== null && <Sample key={open.value} api={api} name={open.value} />}
      {adding.value && (
        <TableForm
          api={api}
          onClose={() => (adding.value = false)}
          onPut={() => void tables.refresh()}
        />
      )}
    </>
  );
}

interface RowProps {
  readonly table: TableView;
  readonly open: boolean;
  /** Removing it was asked for once. */
  readonly isAsked: boolean;
  readonly nowMs: number;
  readonly onOpen: () => void;
  readonly onRemove: () => void;
}

function TableRow({ table, open, isAsked, nowMs, onOpen, onRemove }: RowProps): JSX.Element {
  const { name, key, rows, version, source, author, atMs, queries } = table;
  return (
    <tr class={open ? 'chosen' : ''}>
      <td class="cut">
        <button type="button" class="link strong" aria-expanded={open} onClick={onOpen}>
          <bdi>{safeText(name, 80)}</bdi>
        </button>
      </td>
      <td class="mono">
        <bdi>{safeText(key, 40)}</bdi>
      </td>
      <td class="number">{numberText(rows)}</td>
      <td class="number">{numberText(version)}</td>
      <td class="cut">
        <SourceNote source={source} author={author} nowMs={nowMs} />
      </td>
      <td class="nowrap faint">{agoText(atMs, nowMs)} ago</td>
      <td class="number">{numberText(queries.length)}</td>
      <td class="actions">
        {source?.from !== 'config' && (
          <button type="button" class="button small danger" onClick={onRemove}>
            {isAsked ? 'Really remove' : 'Remove'}
          </button>
        )}
      </td>
    </tr>
  );
}

function SourceNote({
  source,
  author,
  nowMs,
}: Pick<TableView, 'source' | 'author'> & { nowMs: number }): JSX.Element {
  if (source === null) return <span class="faint">put by {safeText(author, 40)}</span>;
  const { location, refreshMs, error, failures, checkedAtMs } = source;
  return (
    <>
      <bdi title={safeText(location, 300)}>{safeText(location, 60)}</bdi>{' '}
      {error === null ? (
        <span class="faint">
          every {durationText(refreshMs)}
          {checkedAtMs !== null && `, looked at ${agoText(checkedAtMs, nowMs)} ago`}
        </span>
      ) : (
        <span class="tag warn" title={safeText(error, 300)}>
          {countText(failures, 'failure')}: the last good rows serve
        </span>
      )}
    </>
  );
}

/** The first rows of one table. */
function Sample({ api, name }: { api: Api; name: string }): JSX.Element {
  const rows = useSignal<readonly ValueObject[] | null>(null);
  useEffect(() => {
    void api('GET', `tables/${encodeURIComponent(name)}`).then((answer) => {
      rows.value = listOf(recordFrom(answer.body)['sample'], 'sample') as readonly ValueObject[];
      return undefined;
    });
  }, [name]);
  const columns = Object.keys(rows.value?.[0] ?? {});
  return (
    <ListFrame
      list={rows.value}
      failure={null}
      columns={columns}
      empty={{ title: 'No rows', text: 'The table is empty.' }}
      row={(row) => (
        <tr key={JSON.stringify(row)}>
          {columns.map((column) => (
            <td key={column} class="cut">
              <bdi>{cellText(row[column] ?? null, column)}</bdi>
            </td>
          ))}
        </tr>
      )}
    />
  );
}
