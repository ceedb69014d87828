import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import type { Config } from '../../../src/config.ts';
import { createRng } from '../../../src/core/rng.ts';
import { Outbox } from '../../../src/alert/notify/outbox.ts';
import type { OutboxEffect, OutboxInput } from '../../../src/alert/notify/outbox.ts';
import type { OutboxJob } from '../../../src/alert/notify/outbox-job.ts';
import type { Delivery } from '../../../src/alert/receivers/contract.ts';
import { sampleNotification } from '../../support/sample-notification.ts';

const TAKEN: Delivery = { outcome: 'taken', note: 'ok' };
const DOWN: Delivery = { outcome: 'retry', note: 'HTTP 503' };
const REFUSED: Delivery = { outcome: 'refused', note: 'HTTP 400' };

/** An outbox under a virtual clock, with receivers that answer as they are told. */
class OutboxWorld {
  nowMs = 1_000_000;
  readonly sent: string[] = [];
  readonly rests: string[] = [];
  readonly stored = new Map<string, OutboxJob>();
  answer: (job: OutboxJob) => Delivery | null = () => TAKEN;
  readonly #config: Config;
  #outbox: Outbox;

  constructor(changes: Partial<Config> = {}) {
    this.#config = configWith(changes);
    this.#outbox = new Outbox(this.#config, createRng(7), { waiting: [], sequence: 0 });
  }

  get size(): number {
    return this.#outbox.size;
  }

  enqueue(id: string, incident = id, receiver = 'oncall'): void {
    this.do({ type: 'enqueue', notification: sampleNotification({ id, incident, receiver }) });
  }

  do(input: OutboxInput): void {
    for (const effect of this.#outbox.handle(input, this.nowMs)) this.#carryOut(effect);
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let wakes = 0; wakes < 10_000; wakes += 1) {
      const dueMs = this.#outbox.dueMs(this.nowMs);
      if (dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.do({ type: 'tick' });
    }
    this.nowMs = untilMs;
    this.do({ type: 'tick' });
  }

  breaker(): string | undefined {
    return this.#outbox.states(this.nowMs)[0]?.breaker;
  }

  /** A new process, with what the old one stored. */
  restart(): void {
    const jobs = [...this.stored.values()].sort((a, b) => a.sequence - b.sequence);
    const waiting = jobs.filter(({ state }) => state === 'waiting');
    const sequence = jobs.at(-1)?.sequence ?? 0;
    this.#outbox = new Outbox(this.#config, createRng(8), { waiting, sequence });
  }

  #carryOut(effect: OutboxEffect): void {
    if (effect.type === 'save-job') this.stored.set(effect.job.id, effect.job);
    else if (effect.type === 'resting') this.rests.push(effect.receiver);
    else if (effect.type === 'send') {
      this.sent.push(effect.job.id);
      const delivery = this.answer(effect.job);
      if (delivery !== null) this.do({ type: 'answered', job: effect.job.id, delivery });
    }
  }
}

test('what is taken is sent once and logged', () => {
  const world = new OutboxWorld();
  world.enqueue('a');
  world.pass(3_600_000);
  expect(world.sent).toEqual(['a']);
  expect(world.stored.get('a')).toMatchObject({ state: 'sent', attempts: 1, note: 'ok' });
  expect(world.size).toBe(0);
});

test('what fails is tried again after growing waits, with chance in them', () => {
  const world = new OutboxWorld({ breakerFailures: 1_000 });
  const at: number[] = [];
  world.answer = () => {
    at.push(world.nowMs);
    return at.length < 6 ? DOWN : TAKEN;
  };
  world.enqueue('a');
  world.pass(3_600_000);
  const waits = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
  expect(waits).toHaveLength(5);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(500 * 2 ** index);
    expect(wait).toBeLessThanOrEqual(1_000 * 2 ** index);
  }
  expect(world.stored.get('a')).toMatchObject({ state: 'sent', attempts: 6 });
});

test('a receiver that says when to come back is not bothered before', () => {
  const world = new OutboxWorld();
  let attempts = 0;
  world.answer = () => (attempts++ === 0 ? { ...DOWN, afterMs: 60_000 } : TAKEN);
  world.enqueue('a');
  world.pass(59_999);
  expect(attempts).toBe(1);
  world.pass(2);
  expect(attempts).toBe(2);
});

test('what is refused is not tried again, and is no failure of the receiver', () => {
  const world = new OutboxWorld({ breakerFailures: 1 });
  world.answer = () => REFUSED;
  world.enqueue('a');
  world.pass(3_600_000);
  expect(world.sent).toEqual(['a']);
  expect(world.stored.get('a')).toMatchObject({ state: 'failed', note: 'HTTP 400' });
  expect(world.breaker()).toBe('closed');
});

test('after a day it is given up', () => {
  const world = new OutboxWorld();
  world.answer = () => DOWN;
  world.enqueue('a');
  world.pass(25 * 3_600_000);
  expect(world.stored.get('a')).toMatchObject({ state: 'failed', note: 'given up: HTTP 503' });
  expect(world.size).toBe(0);
});

describe('order', () => {
  test('an end waits for its beginning, other incidents do not', () => {
    const world = new OutboxWorld();
    world.answer = ({ id }) => (id === 'begin' && world.nowMs < 1_000_700 ? DOWN : TAKEN);
    world.enqueue('begin', 'one');
    world.enqueue('end', 'one');
    world.enqueue('other', 'two');
    expect(world.sent).toEqual(['begin', 'other']);
    world.pass(60_000);
    expect(world.sent.slice(2)).toEqual([...world.sent.slice(2, -1), 'end']);
    expect(world.sent.filter((id) => id === 'end')).toHaveLength(1);
  });

  test('only so many are in flight to one receiver', () => {
    const world = new OutboxWorld({ deliveriesInFlightMax: 2 });
    world.answer = () => null;
    for (const id of ['a', 'b', 'c', 'd']) world.enqueue(id);
    expect(world.sent).toEqual(['a', 'b']);
    world.do({ type: 'answered', job: 'b', delivery: TAKEN });
    expect(world.sent).toEqual(['a', 'b', 'c']);
  });
});

describe('a failing receiver', () => {
  test('rests, then one delivery finds out whether it works again', () => {
    const world = new OutboxWorld({ deliveryRetryMaxMs: 1_000 });
    let isDown = true;
    world.answer = () => (isDown ? DOWN : TAKEN);
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) world.enqueue(id);
    world.pass(2_000);
    expect(world.breaker()).toBe('open');
    expect(world.rests).toEqual(['oncall']);
    const before = world.sent.length;
    world.pass(27_000);
    expect(world.sent).toHaveLength(before);
    world.pass(5_000);
    expect(world.sent).toHaveLength(before + 1);
    expect(world.breaker()).toBe('open');
    isDown = false;
    world.pass(70_000);
    expect(world.breaker()).toBe('closed');
    expect(world.size).toBe(0);
  });

  test('does not hold up others', () => {
    const world = new OutboxWorld();
    world.answer = ({ notification }) => (notification.receiver === 'bad' ? DOWN : TAKEN);
    for (let n = 0; n < 20; n += 1) world.enqueue(`b${n}`, `b${n}`, 'bad');
    world.enqueue('good', 'good', 'good');
    expect(world.stored.get('good')?.state).toBe('sent');
  });
});

test('a receiver is told so often in a minute and no more', () => {
  const world = new OutboxWorld({ deliveriesPerMinuteMax: 60 });
  for (let n = 0; n < 100; n += 1) world.enqueue(`n${n}`);
  expect(world.sent).toHaveLength(15);
  world.pass(60_000);
  expect(world.sent.length).toBeGreaterThanOrEqual(74);
  expect(world.sent.length).toBeLessThanOrEqual(76);
  world.pass(60_000);
  expect(world.sent).toHaveLength(100);
});

test('a full outbox says what it left out', () => {
  const world = new OutboxWorld({ outboxMax: 2 });
  world.answer = () => null;
  for (const id of ['a', 'b', 'c']) world.enqueue(id);
  expect(world.stored.get('c')).toMatchObject({ state: 'dropped', note: 'more than 2 wait' });
});

describe('a restart', () => {
  test('sends again what was in flight, with the ids it had, and nothing that was answered', () => {
    const world = new OutboxWorld();
    world.answer = ({ id }) => (id === 'done' ? TAKEN : null);
    world.enqueue('done');
    world.enqueue('begin', 'one');
    world.enqueue('end', 'one');
    world.restart();
    world.answer = () => TAKEN;
    world.pass(0);
    expect(world.sent).toEqual(['done', 'begin', 'begin', 'end']);
  });

  test('keeps the waits', () => {
    const world = new OutboxWorld();
    world.answer = () => ({ ...DOWN, afterMs: 60_000 });
    world.enqueue('a');
    world.restart();
    world.answer = () => TAKEN;
    world.pass(59_000);
    expect(world.sent).toEqual(['a']);
    world.pass(1_001);
    expect(world.sent).toEqual(['a', 'a']);
  });
});

test('a receiver that says to come back in a year is asked again all the same', () => {
  const world = new OutboxWorld({ deliveryLaterMsMax: 900_000, deliveryAgeMs: 7_200_000 });
  let attempts = 0;
  world.answer = () => {
    attempts++;
    return attempts < 3 ? { ...DOWN, afterMs: 31_536_000_000 } : TAKEN;
  };
  world.enqueue('a');
  world.pass(899_000);
  expect(attempts).toBe(1);
  world.pass(1_000_000);
  expect(attempts).toBe(3);
  expect(world.size).toBe(0);
});
