/**
 * Which pipelines have something to do now, so that a tick costs what is due and not how many run.
 * A pipeline waits for the clock (progress, provisional results, the end of its life) and for its
 * streams to reach a time (the end of a pane). Where streams stand is asked once a tick for each
 * group of them, and only while some pane of theirs has ended by the clock.
 */
import { DueHeap } from './due-heap.ts';
import type { SourceGroup } from './source-group.ts';

export interface Appointed {
  readonly group: Pick<SourceGroup, 'reachedMs'>;
  /** Engine clock; Infinity: never. */
  readonly dueMs: number;
  /** Event time that its streams must reach; Infinity: nothing is waited for. */
  readonly reachMs: number;
}

type Group = Appointed['group'];

export class Agenda<T extends Appointed> {
  readonly #byClock = new DueHeap<T>();
  readonly #byReach = new Map<Group, DueHeap<T>>();
  /** By the first time that one of their pipelines waits for. */
  readonly #groups = new DueHeap<Group>();

  /** To be called whenever what the pipeline waits for may have changed. */
  renew(item: T): void {
    this.#byClock.set(item, item.dueMs);
    this.#wait(item, item.reachMs);
  }

  forget(item: T): void {
    this.#byClock.delete(item);
    this.#wait(item, Infinity);
  }

  /** What is due, each once; to be renewed afterwards, or it is not heard of again. */
  take(nowMs: number): Set<T> {
    const due = new Set<T>();
    for (let item = this.#byClock.take(nowMs); item !== undefined;) {
      due.add(item);
      item = this.#byClock.take(nowMs);
    }
    const waiting: Group[] = [];
    for (let group = this.#groups.take(nowMs); group !== undefined;) {
      waiting.push(group);
      group = this.#groups.take(nowMs);
    }
    for (const group of waiting) this.#takeReached(group, nowMs, due);
    return due;
  }

  #takeReached(group: Group, nowMs: number, due: Set<T>): void {
    const heap = this.#byReach.get(group);
    if (heap === undefined) return;
    const reachedMs = group.reachedMs(nowMs);
    for (let item = heap.take(reachedMs); item !== undefined; item = heap.take(reachedMs)) {
      due.add(item);
    }
    this.#settle(group, heap);
  }

  #wait(item: T, reachMs: number): void {
    const { group } = item;
    let heap = this.#byReach.get(group);
    if (heap === undefined) this.#byReach.set(group, (heap = new DueHeap()));
    heap.set(item, reachMs);
    this.#settle(group, heap);
  }

  #settle(group: Group, heap: DueHeap<T>): void {
    this.#groups.set(group, heap.earliest);
    if (heap.size === 0) this.#byReach.delete(group);
  }
}
