/**
 * The engine's books: what agents say they offered and sent, what shards say they received and
 * evaluated. Pages of agents that left are folded into totals, so that sums never shrink.
 */
import { addCounts, emptyCounts } from './counts.ts';
import type { AgentStream, Roster, RosterAgent } from './roster.ts';
import type { EngineLedgerPage, LedgerPage } from './views.ts';

/** What the page of all streams beyond `streamsMax` is called. */
export const OTHERS = '…other';

interface MutablePage {
  received: number;
  evaluated: number;
  readonly dropped: Record<string, number>;
}

export interface StreamPage extends EngineLedgerPage {
  readonly stream: string;
  /** What its senders say of themselves; null: nothing. */
  readonly counts: AgentStream['counts'];
}

export interface EngineLedger {
  /** Takes a session's pages into the totals before the same agent counts from zero again. */
  fold(agent: RosterAgent): void;
  /** The agent is forgotten: its own page goes into the totals as well. */
  retire(agent: RosterAgent): void;
  /** Pages of a shard's own listeners, cumulative for this life of the shard. */
  ingested(shard: number, pages: readonly StreamPage[]): void;
  shardLost(shard: number): void;
  /** Streams that came to the listeners of shards that are up. */
  ingestedStreams(): ReadonlySet<string>;
  agents(): LedgerPage;
  engine(): EngineLedgerPage;
  streams(): Record<string, EngineLedgerPage>;
  /** Events that senders now known were offered while somebody asked, by stream. */
  offered(): Map<string, number>;
}

export function createLedger(roster: Roster, streamsMax: number): EngineLedger {
  const folded = new Map<string, MutablePage>();
  const retired = emptyAgentPage();
  const listeners = new Map<number, readonly StreamPage[]>();

  const foldPage = (name: string, page: EngineLedgerPage): void => {
    if (page.received === 0) return;
    addPage(pageOf(folded, folded.has(name) || folded.size < streamsMax ? name : OTHERS), page);
  };

  const fold = (agent: RosterAgent): void => {
    for (const [name, page] of agent.streams) {
      foldPage(name, page);
      page.received = 0;
      page.evaluated = 0;
      page.dropped = {};
    }
  };

  const streams = (): Record<string, EngineLedgerPage> => {
    const pages = new Map<string, MutablePage>();
    for (const [name, page] of folded) addPage(pageOf(pages, name), page);
    for (const agent of roster.agents()) {
      for (const [name, page] of agent.streams) addPage(pageOf(pages, name), page);
    }
    for (const shard of listeners.values()) {
      for (const page of shard) addPage(pageOf(pages, page.stream), page);
    }
    return Object.fromEntries(pages);
  };

  return {
    fold,
    retire: (agent) => {
      fold(agent);
      for (const page of agent.streams.values()) addAgentPage(retired, page);
    },
    ingested: (shard, pages) => void listeners.set(shard, pages),
    shardLost: (shard) => {
      for (const page of listeners.get(shard) ?? []) {
        foldPage(page.stream, page);
        addAgentPage(retired, page);
      }
      listeners.delete(shard);
    },
    ingestedStreams: () =>
      new Set([...listeners.values()].flatMap((pages) => pages.map(({ stream }) => stream))),
    agents: () => {
      const total = { ...retired, dropped: emptyCounts() };
      addCounts(total.dropped, retired.dropped);
      for (const page of toldPages(roster, listeners.values())) addAgentPage(total, page);
      return total;
    },
    engine: () => {
      const total = emptyPage();
      for (const page of Object.values(streams())) addPage(total, page);
      return total;
    },
    streams,
    offered: () => {
      const totals = new Map<string, number>();
      const add = (name: string, n: number): void => {
        totals.set(name, (totals.get(name) ?? 0) + n);
      };
      for (const agent of roster.agents()) {
        for (const [name, page] of agent.streams) add(name, page.counts?.offered ?? page.received);
      }
      for (const shard of listeners.values()) {
        for (const page of shard) add(page.stream, page.counts?.offered ?? page.received);
      }
      return totals;
    },
  };
}

/** An event that is late for some query was evaluated like any other. */
export function pageCloses(page: EngineLedgerPage): boolean {
  return page.received === page.evaluated + sum(page.dropped);
}

export function sum(counts: Readonly<Record<string, number>>): number {
  let total = 0;
  for (const n of Object.values(counts)) total += n;
  return total;
}

function emptyPage(): MutablePage {
  return { received: 0, evaluated: 0, dropped: emptyCounts() };
}

function pageOf(pages: Map<string, MutablePage>, name: string): MutablePage {
  let page = pages.get(name);
  if (page === undefined) pages.set(name, (page = emptyPage()));
  return page;
}

function addPage(into: MutablePage, page: EngineLedgerPage): void {
  into.received += page.received;
  into.evaluated += page.evaluated;
  addCounts(into.dropped, page.dropped);
}

/** What all senders that are there say of themselves. */
function* toldPages(
  roster: Roster,
  listeners: Iterable<readonly StreamPage[]>,
): Iterable<Pick<AgentStream, 'counts'>> {
  for (const agent of roster.agents()) yield* agent.streams.values();
  for (const pages of listeners) yield* pages;
}

function addAgentPage(
  into: ReturnType<typeof emptyAgentPage>,
  { counts }: Pick<AgentStream, 'counts'>,
): void {
  if (counts === null) return;
  into.offered += counts.offered;
  into.filtered += counts.filtered;
  into.sampledOut += counts.sampledOut;
  into.aggregated += counts.aggregated;
  into.sent += counts.sent;
  addCounts(into.dropped, counts.dropped);
}

function emptyAgentPage() {
  const dropped = emptyCounts();
  return { offered: 0, filtered: 0, sampledOut: 0, aggregated: 0, sent: 0, dropped };
}
