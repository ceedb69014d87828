/** Events a second of each agent, from two looks at how much it has sent. Pure. */

export interface SentMark {
  readonly sent: number;
  readonly atMs: number;
  /** Null: seen once only, or it began anew. */
  readonly perSecond: number | null;
}

/** Marks of agents that are listed; others are forgotten. */
export function ratesFrom(
  agents: readonly { readonly id: string; readonly sent: number }[],
  before: ReadonlyMap<string, SentMark>,
  nowMs: number,
): Map<string, SentMark> {
  return new Map(
    agents.map(({ id, sent }) => {
      const known = before.get(id);
      const isOn = known !== undefined && sent >= known.sent && nowMs > known.atMs;
      const perSecond = isOn ? ((sent - known.sent) / (nowMs - known.atMs)) * 1_000 : null;
      return [id, { sent, atMs: nowMs, perSecond }];
    }),
  );
}
