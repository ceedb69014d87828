/**
 * The ledger as a picture: bands from what agents were offered to what was evaluated, as high as
 * their numbers are large. At every node what flows in is what flows out. Pure.
 */
import type { LedgerView } from '../../src/coordinator/views.ts';
import { agentParts, engineParts } from './ledger-parts.ts';
import type { LedgerPart } from './ledger-parts.ts';

export interface FlowNode {
  readonly name: string;
  readonly count: number;
  readonly kind: LedgerPart['kind'];
  /** 0: leftmost. */
  readonly column: number;
  /** Upper edge and height, in units of the picture. */
  readonly top: number;
  readonly height: number;
}

export interface FlowBand {
  readonly from: FlowNode;
  readonly to: FlowNode;
  readonly count: number;
  /** Upper edges at both ends. */
  readonly fromTop: number;
  readonly toTop: number;
  readonly height: number;
}

export interface FlowPicture {
  readonly nodes: readonly FlowNode[];
  readonly bands: readonly FlowBand[];
  readonly height: number;
}

/** Height of the largest column, between nodes, and the least that can be seen. */
const COLUMN_HEIGHT = 240;
const GAP = 30;
const SEEN_MIN = 2;

interface PlannedNode {
  readonly name: string;
  readonly count: number;
  readonly kind: LedgerPart['kind'];
  readonly column: number;
}

interface PlannedBand {
  readonly from: PlannedNode;
  readonly to: PlannedNode;
  readonly count: number;
}

export function flowPicture(view: LedgerView): FlowPicture {
  const { nodes, bands } = planOf(view);
  const scale = scaleOf(nodes);
  const placed = new Map<PlannedNode, FlowNode>();
  const columns = Math.max(...nodes.map(({ column }) => column)) + 1;
  let height = 0;
  for (let column = 0; column < columns; column++) {
    let top = 0;
    for (const node of nodes.filter((one) => one.column === column)) {
      const tall = Math.max(SEEN_MIN, node.count * scale);
      placed.set(node, { ...node, top, height: tall });
      top += tall + GAP;
    }
    height = Math.max(height, top - GAP);
  }
  return { nodes: [...placed.values()], bands: placeBands(bands, placed, scale), height };
}

function planOf({ agents, engine }: LedgerView): {
  readonly nodes: readonly PlannedNode[];
  readonly bands: readonly PlannedBand[];
} {
  const node = (
    name: string,
    count: number,
    kind: LedgerPart['kind'],
    column: number,
  ): PlannedNode => ({
    ...{ name, count, kind, column },
  });
  const offered = node('offered to agents', agents.offered, 'kept', 0);
  const parts = shown(agentParts(agents)).map((part) => node(part.name, part.count, part.kind, 1));
  const sent = parts.find(({ name }) => name === 'sent') ?? null;
  // What was posted over HTTP, or is the engine's own, no agent was offered.
  const arrived = Math.min(agents.sent, engine.received);
  const posted = engine.received - arrived;
  const direct = posted > 0 ? node('over HTTP, or its own', posted, 'kept', 1) : null;
  const received = node('received by the engine', engine.received, 'kept', 2);
  const onWay = agents.sent - arrived;
  const waiting = onWay > 0 ? node('on its way', onWay, 'open', 2) : null;
  const ends = shown(engineParts(engine)).map((part) => node(part.name, part.count, part.kind, 3));
  const nodes = [
    offered,
    ...parts,
    ...(direct === null ? [] : [direct]),
    ...(engine.received > 0 ? [received] : []),
    ...(waiting === null ? [] : [waiting]),
    ...ends,
  ];
  const bands = [
    ...parts.map((to) => ({ from: offered, to, count: to.count })),
    ...(sent !== null && arrived > 0 ? [{ from: sent, to: received, count: arrived }] : []),
    ...(sent !== null && waiting !== null ? [{ from: sent, to: waiting, count: onWay }] : []),
    ...(direct === null ? [] : [{ from: direct, to: received, count: posted }]),
    ...ends.map((to) => ({ from: received, to, count: to.count })),
  ];
  return { nodes, bands };
}

function shown(parts: readonly LedgerPart[]): readonly LedgerPart[] {
  return parts.filter(({ count }) => count > 0);
}

/** One scale for all columns, so that heights can be compared. */
function scaleOf(nodes: readonly PlannedNode[]): number {
  const sums = new Map<number, number>();
  for (const { column, count } of nodes) sums.set(column, (sums.get(column) ?? 0) + count);
  return COLUMN_HEIGHT / Math.max(1, ...sums.values());
}

function placeBands(
  bands: readonly PlannedBand[],
  placed: ReadonlyMap<PlannedNode, FlowNode>,
  scale: number,
): readonly FlowBand[] {
  const [leaving, arriving] = [new Map<FlowNode, number>(), new Map<FlowNode, number>()];
  return bands.flatMap(({ from, to, count }): FlowBand[] => {
    const [start, end] = [placed.get(from), placed.get(to)];
    if (start === undefined || end === undefined) return [];
    const height = Math.max(SEEN_MIN, count * scale);
    const fromTop = start.top + (leaving.get(start) ?? 0);
    const toTop = end.top + (arriving.get(end) ?? 0);
    leaving.set(start, (leaving.get(start) ?? 0) + height);
    arriving.set(end, (arriving.get(end) ?? 0) + height);
    return [{ from: start, to: end, count, fromTop, toTop, height }];
  });
}
