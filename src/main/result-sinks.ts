/**
 * Where the messages of subscriptions go. A message names its subscriptions; the list of a query
 * that many read is the same object from message to message, and is looked up once.
 *
 * Bench: bench/fan-out.ts.
 */
import type { DeliverEffect } from '../coordinator/messages.ts';
import type { ResultSink, SubscriptionEffect } from '../gateway/engine-port.ts';

/** Lists of fewer are as quickly looked up as found again. */
const KEPT_MIN = 4;

interface Place {
  /** Null: the subscription is over, whatever lists still name it. */
  sink: ResultSink | null;
}

export class ResultSinks {
  readonly #places = new Map<string, Place>();
  readonly #lists = new WeakMap<readonly string[], readonly Place[]>();

  has(subscription: string): boolean {
    return this.#places.has(subscription);
  }

  open(subscription: string, sink: ResultSink): void {
    this.#places.set(subscription, { sink });
  }

  /** False: it was not open. */
  close(subscription: string): boolean {
    const place = this.#places.get(subscription);
    if (place === undefined) return false;
    place.sink = null;
    return this.#places.delete(subscription);
  }

  deliver(effect: DeliverEffect): void {
    const { subscriptions } = effect;
    if (subscriptions.length < KEPT_MIN) {
      for (const id of subscriptions) this.#places.get(id)?.sink?.(effect);
      return;
    }
    const places = this.#placesOf(subscriptions);
    for (let i = 0; i < places.length; i++) places[i]!.sink?.(effect);
  }

  /** The last message of a subscription. */
  end(effect: Extract<SubscriptionEffect, { type: 'closed' }>): void {
    const sink = this.#places.get(effect.subscription)?.sink;
    this.close(effect.subscription);
    sink?.(effect);
  }

  #placesOf(subscriptions: readonly string[]): readonly Place[] {
    const known = this.#lists.get(subscriptions);
    if (known !== undefined) return known;
    const places = subscriptions.flatMap((id) => this.#places.get(id) ?? []);
    this.#lists.set(subscriptions, places);
    return places;
  }
}
