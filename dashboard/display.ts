/** How a result is shown: what its shape allows, and what suits it best. Pure. */
import type { ResultStore } from './result-store.ts';

export type Display = 'lines' | 'bars' | 'stat' | 'heat' | 'table';

export const DISPLAY_TITLES: Readonly<Record<Display, string>> = {
  lines: 'Lines',
  bars: 'Top list',
  stat: 'Number',
  heat: 'Heat map',
  table: 'Table',
};

/** More numbers beside each other are a table. */
const STATS_MAX = 8;

/** Most telling ones first; events are always a table. */
export function displaysFor(store: ResultStore): readonly Display[] {
  const hasNumbers = store.chartColumns.length > 0;
  if (store.shape === 'events' || (!hasNumbers && store.heatColumn === null)) return ['table'];
  if (!store.isSeries) return ['table'];
  const keyed = (store.schema?.keys.length ?? 0) > 0;
  const groups = store.ring.groupIds().length;
  const fits: readonly Display[] = [
    ...(hasNumbers ? (['lines'] as const) : []),
    ...(keyed && hasNumbers ? (['bars'] as const) : []),
    ...(hasNumbers && groups <= STATS_MAX ? (['stat'] as const) : []),
    ...(store.heatColumn !== null || (keyed && groups > 1) ? (['heat'] as const) : []),
    'table',
  ];
  return fits;
}

export function displayFor(store: ResultStore, query: string): Display {
  const fits = displaysFor(store);
  const wanted = wantedDisplay(store, query);
  return fits.includes(wanted) ? wanted : (fits[0] ?? 'table');
}

function wantedDisplay(
  { shape, schema, heatColumn, chartColumns }: ResultStore,
  query: string,
): Display {
  if (heatColumn !== null && chartColumns.length === 0) return 'heat';
  const keyed = (schema?.keys.length ?? 0) > 0;
  // A running value has one row a group and no windows to draw a line of.
  if (shape === 'running') return keyed ? 'bars' : 'stat';
  // Who sorts and cuts asks for a list of the first ones.
  if (keyed && /\border\s+by\b/i.test(query) && /\blimit\b/i.test(query)) return 'bars';
  return 'lines';
}
