/**
 * Queries that come and go: one of many kinds begins at every turn, and ends some turns later. No
 * two are the same, so each is planned, spread to shards and agents, closed and forgotten.
 */
import { connect } from '../../src/client/connect.ts';
import type { Client, ClientSubscription } from '../../src/client/contract.ts';
import { STREAM } from '../workload.ts';

/** One a kind of state that an engine keeps; `n` makes it one of its own. */
const KINDS: readonly ((n: number) => string)[] = [
  (n) => `select count(*) as n from ${STREAM} where bytes > ${n} window 1s`,
  (n) => `select service, p99(durMs) as p from ${STREAM} where bytes > ${n} window 1s
    group by service`,
  (n) => `select route, count_distinct(traceId) as d from ${STREAM} where durMs > 200 + ${n} / 1e6
    window 1s group by route limit 10`,
  (n) => `select avg(durMs) as m from ${STREAM} where bytes > ${n} window 4s slide 1s`,
  (n) => `select sum(bytes) as b from ${STREAM} where bytes > ${n} window 10s emit every 1s`,
  (n) => `select service, durMs from ${STREAM} where durMs > 900 and bytes > ${n} limit 20`,
  (n) => `select max(durMs) as m from ${STREAM} where durMs > 400 + ${n} / 1e6 window |500|`,
];

export class QueryChurn {
  /** Ended after at least one result. */
  answered = 0;
  begun = 0;
  refused = 0;
  readonly #client: Client;
  readonly #live: { readonly subscription: ClientSubscription; readonly rows: () => number }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(url: string, turn: { readonly everyMs: number; readonly lifeMs: number }) {
    this.#client = connect(url);
    const alive = turn.lifeMs / turn.everyMs;
    this.#timer = setInterval(() => {
      this.#begin();
      while (this.#live.length > alive) this.#end();
    }, turn.everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#client.close();
  }

  #begin(): void {
    const n = this.begun++;
    let rows = 0;
    const subscription = this.#client.subscribe(KINDS[n % KINDS.length]!(n), {
      onMessage: ({ type }) => {
        if (type === 'rows') rows++;
        if (type === 'error') this.refused++;
      },
    });
    this.#live.push({ subscription, rows: () => rows });
  }

  #end(): void {
    const oldest = this.#live.shift();
    if (oldest === undefined) return;
    if (oldest.rows() > 0) this.answered++;
    oldest.subscription.close();
  }
}
