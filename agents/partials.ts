/**
 * What the tables of one stream have to tell, in bodies of frames: as a rule one, and more where a
 * pane has so many groups that they do not fit. Bodies are bound to no connection.
 */
import type { EdgeTable } from '../src/edge/edge-table.ts';
import { ByteWriter } from '../src/wire/byte-writer.ts';
import type { GroupRange } from '../src/wire/partial-reading.ts';
import { encodeDeltas } from '../src/wire/partials-frame.ts';
import type { QueryDelta, WrittenDelta } from '../src/wire/partials-frame.ts';

/** Of a query that is in a body: what is lost, or not told, if the body is. */
export interface TableShare {
  readonly table: EdgeTable;
  readonly matched: number;
  readonly losses: QueryDelta['losses'];
}

export interface PartialsBody {
  /** No events of their own: the batches of a stream are counted by these. */
  readonly rows: 0;
  readonly bytes: number;
  readonly body: Uint8Array;
  readonly shares: readonly TableShare[];
  /** Before this, something in it may have happened. */
  readonly oldestMs: number;
}

type TableDelta = Pick<TableShare, 'table' | 'matched'> & WrittenDelta;

/** Used for every body; empty between two. */
const writer = new ByteWriter();

/** Panes that end at or before `throughMs`. */
export function takePartials(
  stream: string,
  tables: readonly EdgeTable[],
  throughMs: number,
  bytesMax: number,
): readonly PartialsBody[] {
  const told: TableDelta[] = [];
  for (const table of tables) {
    const delta = table.take(throughMs);
    if (delta === null) continue;
    const matched = delta.panes.reduce((sum, pane) => sum + pane.matched, 0);
    told.push({ table, matched, delta, shape: table.program.shape });
  }
  if (told.length === 0) return [];
  const whole = bodyOf(stream, told);
  if (whole.bytes <= bytesMax) return [whole];
  return told.flatMap((one) => parts(stream, one, bytesMax));
}

function parts(stream: string, one: TableDelta, bytesMax: number): readonly PartialsBody[] {
  const bodies: PartialsBody[] = [];
  let { losses } = one.delta;
  for (const pane of one.delta.panes) {
    const delta: QueryDelta = { query: one.delta.query, losses, panes: [pane] };
    losses = [];
    const groups = pane.groups?.keys.length ?? 0;
    const share = { ...one, matched: pane.matched, delta };
    bodies.push(...ranges(stream, share, { from: 0, to: groups }, bytesMax));
  }
  return bodies;
}

/** Halves a pane's groups until each part fits; a group that never does is lost, and counted. */
function ranges(
  stream: string,
  one: TableDelta,
  range: GroupRange,
  bytesMax: number,
): readonly PartialsBody[] {
  const { from, to } = range;
  const body = bodyOf(stream, [{ ...one, range }]);
  if (body.bytes <= bytesMax) return [body];
  if (to - from <= 1) {
    one.table.lose('oversize', one.matched);
    for (const [reason, events] of one.delta.losses) one.table.lose(reason, events);
    return [];
  }
  const middle = (from + to) >> 1;
  const share = { ...one, matched: Math.ceil(one.matched / 2) };
  // Losses are told once.
  const untold = { ...one.delta, losses: [] };
  return [
    ...ranges(stream, share, { from, to: middle }, bytesMax),
    ...ranges(stream, { ...share, delta: untold }, { from: middle, to }, bytesMax),
  ];
}

function bodyOf(stream: string, deltas: readonly TableDelta[]): PartialsBody {
  const body = encodeDeltas(writer, stream, deltas);
  let oldestMs = Infinity;
  for (const { delta, table } of deltas) {
    const { paneMs } = table.program;
    for (const { paneStartMs } of delta.panes) {
      oldestMs = Math.min(oldestMs, paneStartMs + paneMs - 1);
    }
  }
  const shares = deltas.map(({ delta: { losses }, matched, table }) => ({
    table,
    matched,
    losses,
  }));
  return { rows: 0, bytes: body.length, body, shares, oldestMs };
}

/** The queries whose counts were in it have lost them. */
export function loseShares({ shares }: PartialsBody, reason: string): void {
  for (const { losses, matched, table } of shares) {
    table.lose(reason, matched);
    for (const [before, events] of losses) table.lose(before, events);
  }
}
