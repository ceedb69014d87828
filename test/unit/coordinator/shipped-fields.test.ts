/** No query may read so much that agents could not ship the stream any more. */
import { describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { Engine } from '../../../src/coordinator/engine.ts';

class Door {
  readonly #engine: Engine;
  #count = 0;

  constructor() {
    const config = configWith({ fieldsMax: 4, fieldNameBytesMax: 8 });
    this.#engine = new Engine({ config, incarnation: 'i', nowMs: 0 });
  }

  /** Code of the refusal, or null. */
  ask(query: string): string | null {
    const subscription = `s${this.#count++}`;
    const who = { subscription, client: 'c', params: {}, resume: null, planned: null };
    for (const effect of this.#engine.handle({ type: 'subscribe', query, ...who }, 0)) {
      if (effect.type === 'deliver' && effect.message.type === 'error') {
        return effect.message.problem.code;
      }
    }
    return null;
  }
}

describe('the fields that queries of one stream read', () => {
  test.each([
    ['as many as a frame carries', 'select a, b, c, d from plays', null],
    ['one more', 'select a, b, c, d, e from plays', 'ENGINE_BAD_REQUEST'],
    ['one more in the condition', 'select a, b, c, d from plays where e', 'ENGINE_BAD_REQUEST'],
    ['a name of the greatest length', 'select abcdefgh from plays', null],
    ['a longer name', 'select abcdefghi from plays', 'ENGINE_BAD_REQUEST'],
    ['a longer name in bytes', 'select `ääääää` from plays', 'ENGINE_BAD_REQUEST'],
  ])('%s', (_what, query, code) => {
    expect(new Door().ask(query)).toBe(code);
  });

  test('are bounded together, each counted once', () => {
    const door = new Door();
    expect(door.ask('select a, b, c from plays')).toBeNull();
    expect(door.ask('select b, c, d from plays')).toBeNull();
    expect(door.ask('select a, e from plays')).toBe('LIMIT_QUERIES');
    expect(door.ask('select e, f from other')).toBeNull();
    expect(door.ask('select d, a from plays')).toBeNull();
  });

  test('count a sample as a column of its own', () => {
    const door = new Door();
    const sampled = "select a, b, c, d from plays sample {'strategy': 'RANDOM', 'threshold': 200}";
    expect(door.ask(sampled)).toBe('ENGINE_BAD_REQUEST');
    expect(door.ask(sampled.replace(', d', ''))).toBeNull();
  });
});
