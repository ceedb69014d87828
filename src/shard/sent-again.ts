/**
 * What agents send a second time. A shard hands rows to a query's home before it acknowledges them;
 * if it dies in between, their agents send them again, to another shard or to its next life, and
 * home has them already. So home keeps, of each stream of each life of an agent, which events came
 * over which shard, and leaves out what comes again over another. What is merely late is not that:
 * an agent's events come over one shard in their order.
 */
import type { EventBatch } from '../model/batch.ts';
import { grownUints } from '../sketch/typed-column.ts';

/** Numbers of the events that came over one life of one shard, from the first to the last. */
interface Span {
  readonly shard: number;
  /** False: the shard has died since. */
  isUp: boolean;
  first: number;
  last: number;
}

/** An agent is sent on from shard to shard; this many back it is remembered. */
const SPANS_MAX = 4;

export class SentAgain {
  readonly #sendersMax: number;
  /** By agent, life and stream; those that sent last at the end. */
  readonly #senders = new Map<string, Span[]>();
  /** The rows of the last {@link select}. */
  selected: Uint32Array = new Uint32Array(0);

  /** Beyond `sendersMax` those that were silent longest are forgotten. */
  constructor(sendersMax: number) {
    this.#sendersMax = sendersMax;
  }

  /** How many of the n rows, which ascend, came over `shard` for the first time. */
  select(shard: number, batch: EventBatch, rows: Uint32Array, n: number): number {
    this.selected = rows;
    if (batch.incarnation === undefined || n === 0) return n;
    const [first, last] = [numberOf(batch, rows[0]!), numberOf(batch, rows[n - 1]!)];
    const spans = this.#spansOf(batch);
    const own = spanOf(spans, shard, first, last);
    let kept = n;
    for (const span of spans) {
      if (span === own || last < span.first || first > span.last) continue;
      kept = this.#leaveOut(span, batch, kept);
    }
    return kept;
  }

  /** What its agents have not been told was taken comes again. */
  lost(shard: number): void {
    for (const spans of this.#senders.values()) {
      for (const span of spans) if (span.shard === shard) span.isUp = false;
    }
  }

  #leaveOut(span: Span, batch: EventBatch, n: number): number {
    const rows = this.selected;
    this.selected = grownUints(new Uint32Array(0), n);
    let kept = 0;
    for (let i = 0; i < n; i++) {
      const number = numberOf(batch, rows[i]!);
      if (number < span.first || number > span.last) this.selected[kept++] = rows[i]!;
    }
    return kept;
  }

  #spansOf({ agentId, incarnation, stream }: EventBatch): Span[] {
    const key = `${agentId}\n${incarnation}\n${stream}`;
    const spans = this.#senders.get(key) ?? [];
    this.#senders.delete(key);
    this.#senders.set(key, spans);
    if (this.#senders.size > this.#sendersMax) {
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest);
        break;
      }
    }
    return spans;
  }
}

/** The span that the events belong to, which is new or longer now. */
function spanOf(spans: Span[], shard: number, first: number, last: number): Span {
  const known = spans.findLast((span) => span.isUp && span.shard === shard);
  const latest = spans.at(-1);
  const isBack = latest !== undefined && known !== latest && first > latest.last;
  if (known !== undefined && !isBack) {
    known.first = Math.min(known.first, first);
    known.last = Math.max(known.last, last);
    return known;
  }
  const span: Span = { shard, isUp: true, first, last };
  spans.push(span);
  if (spans.length > SPANS_MAX) spans.shift();
  return span;
}

function numberOf({ firstSequence, sequences }: EventBatch, row: number): number {
  return sequences === undefined ? firstSequence + row : sequences[row]!;
}
