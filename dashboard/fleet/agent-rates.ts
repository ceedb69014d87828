/** What each agent looks at and sends a second, from two looks at its counts. Pure. */

export interface AgentMark {
  readonly offered: number;
  readonly sent: number;
  readonly atMs: number;
  /** Null: seen once only, or it began anew. */
  readonly perSecond: { readonly offered: number; readonly sent: number } | null;
}

interface Counted {
  readonly id: string;
  /** Cumulative for the agent's process. */
  readonly offered: number;
  readonly sent: number;
}

/** Marks of agents that are listed; others are forgotten. */
export function ratesFrom(
  agents: readonly Counted[],
  before: ReadonlyMap<string, AgentMark>,
  nowMs: number,
): Map<string, AgentMark> {
  return new Map(
    agents.map(({ id, offered, sent }) => {
      const mark = { offered, sent, atMs: nowMs };
      return [id, { ...mark, perSecond: rateSince(before.get(id), mark) }];
    }),
  );
}

function rateSince(
  known: AgentMark | undefined,
  { offered, sent, atMs }: Omit<AgentMark, 'perSecond'>,
): AgentMark['perSecond'] {
  if (known === undefined || atMs <= known.atMs) return null;
  if (offered < known.offered || sent < known.sent) return null;
  const seconds = (atMs - known.atMs) / 1_000;
  return { offered: (offered - known.offered) / seconds, sent: (sent - known.sent) / seconds };
}
