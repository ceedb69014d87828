/** What a page of the ledger is made of; parts of a page add up to its total. Pure. */
import type { EngineLedgerPage, LedgerPage } from '../../src/coordinator/views.ts';
import { lossWords } from '../loss-words.ts';

export interface LedgerPart {
  readonly name: string;
  readonly count: number;
  /** `kept` goes on, `spared` is not wanted, `lost` is lost, `open` is not told yet. */
  readonly kind: 'kept' | 'spared' | 'lost' | 'open';
}

/** offered = sent + filtered + sampled out + dropped + not told yet. */
export function agentParts(page: LedgerPage): readonly LedgerPart[] {
  const parts: LedgerPart[] = [
    { name: 'sent', count: page.sent, kind: 'kept' },
    { name: 'counted at the source', count: page.aggregated, kind: 'kept' },
    { name: 'filtered at the source', count: page.filtered, kind: 'spared' },
    { name: 'sampled out', count: page.sampledOut, kind: 'spared' },
    ...lost(page.dropped),
  ];
  return withOpen(parts, page.offered, 'on its way');
}

/** received = evaluated + dropped + not told yet. */
export function engineParts(page: EngineLedgerPage): readonly LedgerPart[] {
  const parts: LedgerPart[] = [
    { name: 'evaluated', count: page.evaluated, kind: 'kept' },
    ...lost(page.dropped),
  ];
  return withOpen(parts, page.received, 'being evaluated');
}

function lost(dropped: Readonly<Record<string, number>>): readonly LedgerPart[] {
  return Object.entries(dropped).map(([reason, count]) => ({
    name: `dropped: ${lossWords(reason)?.name ?? reason}`,
    count,
    kind: 'lost',
  }));
}

function withOpen(
  parts: readonly LedgerPart[],
  total: number,
  name: string,
): readonly LedgerPart[] {
  const told = parts.reduce((sum, { count }) => sum + count, 0);
  return total > told ? [...parts, { name, count: total - told, kind: 'open' }] : parts;
}
