/**
 * Golden scripts (`test/scripts/*.mqltest`): a story of events and the answers that queries give.
 * `test/scripts/README.md` tells the format. A script is read into scenes; a scene runs on the
 * interpreter (`evaluate`) and on the simulated live engine with any number of shards.
 */
import { planQuery } from '../../src/plan/plan-query.ts';
import { evaluateTimed } from '../../src/reference/evaluate.ts';
import type { Event, ValueObject } from '../../src/model/value.ts';
import type { Scene, ScriptQuery, ScriptRow } from './mqltest-script.ts';
import { windowsOf } from './told-windows.ts';
import { World } from './world.ts';
import type { Received } from './world.ts';

/** Time 0 of a script on the simulated clock: windows that divide 5 minutes begin there. */
const ZERO_MS = 1_700_000_100_000;
/** Agents have this long to connect. */
const CONNECT_MS = 800;
/** Queries are asked this long before time 0. */
const HEAD_START_MS = 200;
/** Long enough for the last window to close. */
const SETTLE_MS = 2_000;
const PUBLISHERS = 3;

/** The diagnostics of `query` as `CODE at L:C`, errors only. */
export function errorsOf({ text, finite }: ScriptQuery): readonly string[] {
  const { diagnostics } = planQuery(text, { mode: finite ? 'finite' : 'live' });
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, span }) => `${code} at ${span.line}:${span.column}`);
}

/** The answer of the interpreter; windows that the events do not reach are not in it. */
export async function interpretScene(scene: Scene, query: ScriptQuery): Promise<ScriptRow[]> {
  const events = scene.events.map(({ atMs, ...rest }) => ({ ...rest, timeMs: ZERO_MS + atMs }));
  const { rows } = await evaluateTimed(query.text, events, { now: ZERO_MS + scene.endMs });
  return rows.map(scriptRow).filter((row) => isOver(row, query, scene));
}

/** What the interpreter must say of `rows`: those of windows that meet the scene's events. */
export function reachedRows(
  scene: Scene,
  rows: readonly ScriptRow[],
  widthMs: number | null,
): ScriptRow[] {
  // Windows of a number of events and sessions are where events are.
  if (widthMs === null) return [...rows];
  const times = scene.events.map(({ atMs }) => atMs);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return rows.filter(
    ({ startMs }) => startMs === null || (startMs + widthMs > first && startMs <= last),
  );
}

/** The answers of the simulated engine to every query of the scene, asked before time 0. */
export function simulateScene(scene: Scene, shards: number): ReadonlyMap<ScriptQuery, ScriptRow[]> {
  const world = new World({ shards });
  world.clock.advance(ZERO_MS - HEAD_START_MS - CONNECT_MS - world.nowMs);
  const publishers = Array.from({ length: PUBLISHERS }, (_, i) => world.agent(`agent-${i}`));
  for (const agent of publishers) {
    for (const stream of scene.streams) world.stream(agent, stream);
    world.start(agent);
  }
  world.run(CONNECT_MS);
  const asked = scene.queries.filter(({ finite, errors }) => !finite && errors.length === 0);
  const received = new Map(
    asked.map((query, i) => [query, world.subscribe(`q${i}`, query.text)] as const),
  );
  world.run(HEAD_START_MS);
  publish(world, scene);
  world.run(SETTLE_MS);
  return new Map(
    [...received].map(([query, messages]) => [query, answerOf(messages, query, scene)]),
  );
}

function publish(world: World, { events, endMs }: Scene): void {
  let next = 0;
  const due = (nowMs: number): void => {
    for (; next < events.length && ZERO_MS + events[next]!.atMs <= nowMs; next++) {
      const { stream, event } = events[next]!;
      world.stream(world.agents[next % PUBLISHERS]!, stream).publish(event);
    }
  };
  due(world.nowMs);
  world.run(endMs, due);
}

function answerOf(messages: readonly Received[], query: ScriptQuery, scene: Scene): ScriptRow[] {
  const refused = messages.find(({ message }) => message.type === 'error');
  if (refused !== undefined) throw new Error(JSON.stringify(refused.message));
  const windows = windowsOf(messages);
  if (query.widthMs !== null) {
    const rows = windows.flatMap((window) => window.rows.map(scriptRow));
    return rows.filter((row) => isOver(row, query, scene));
  }
  const rows = messages.map(({ message }) => message).filter((message) => message.type === 'rows');
  // A running value replaces the one before; rows that pass are added up.
  const shown = rows.at(-1)?.append === true ? rows : rows.slice(-1);
  return shown.flatMap((message) => message.rows.map(scriptRow));
}

/** Columns that a row lacks are null, so null columns are left out. */
function scriptRow(row: ValueObject): ScriptRow {
  const { window_start: start = null, window_end: _end, ...columns } = row;
  const shown = Object.entries(columns).filter(([, value]) => value !== null);
  const startMs = typeof start === 'number' ? start - ZERO_MS : null;
  return { startMs, row: Object.fromEntries<Event[string]>(shown) };
}

/** Whether the row's window has ended by the end of the scene, and did not end before its start. */
function isOver({ startMs }: ScriptRow, { widthMs }: ScriptQuery, { endMs }: Scene): boolean {
  if (startMs === null || widthMs === null) return true;
  return startMs + widthMs > 0 && startMs + widthMs <= endMs;
}
