import { describe, expect, test } from 'vitest';
import { ValueWatch } from '../../../src/shard/value-watch.ts';

const BOUNDS = {
  streamsMax: 2,
  catalogueFieldsMax: 3,
  fieldValuesMax: 2,
  fieldValueLengthMax: 8,
};

function watched(events: readonly object[], bounds: Partial<typeof BOUNDS> = {}): unknown {
  const watch = new ValueWatch({ ...BOUNDS, ...bounds });
  // One event a look, a look a second.
  events.forEach((event, i) => watch.events('s', [event as never], i * 1_000));
  const [taken] = watch.take();
  return Object.fromEntries((taken?.fields ?? []).map(({ name, values }) => [name, values]));
}

describe('values to suggest', () => {
  test.each([
    {
      name: 'the first different ones',
      events: [{ a: 1 }, { a: 1 }, { a: 2 }, { a: 3 }],
      expected: { a: [1, 2] },
    },
    {
      name: 'texts, numbers and booleans',
      events: [{ a: 'x', b: false, c: 0 }],
      expected: { a: ['x'], b: [false], c: [0] },
    },
    { name: 'no nulls, lists, objects', events: [{ a: null, b: [1], c: { d: 1 } }], expected: {} },
    {
      name: 'no long texts',
      events: [{ a: '123456789' }, { a: 'short' }],
      expected: { a: ['short'] },
    },
    {
      name: 'of so many fields',
      events: [{ a: 1, b: 1, c: 1, d: 1 }],
      expected: { a: [1], b: [1], c: [1] },
    },
    {
      name: 'nothing of what is called like a secret',
      events: [
        { password: 'p', access_token: 't', 'set-cookie': 'c', 'user.apiKey': 'k', tokens: 3 },
      ],
      expected: { tokens: [3] },
    },
  ])('are $name', ({ events, expected }) => {
    expect(watched(events)).toEqual(expected);
  });

  test('are looked for once a second, and told once', () => {
    const watch = new ValueWatch(BOUNDS);
    watch.events('s', [{ a: 1 }], 0);
    watch.events('s', [{ a: 2 }], 999);
    expect(watch.take()).toEqual([{ stream: 's', fields: [{ name: 'a', values: [1] }] }]);
    expect(watch.take()).toEqual([]);
    watch.events('s', [{ a: 2 }], 1_000);
    expect(watch.take()).toEqual([{ stream: 's', fields: [{ name: 'a', values: [1, 2] }] }]);
  });

  test('are of so many streams', () => {
    const watch = new ValueWatch(BOUNDS);
    for (const name of ['s', 't', 'u']) watch.events(name, [{ a: 1 }], 0);
    expect(watch.take().map(({ stream }) => stream)).toEqual(['s', 't']);
  });

  test('can be turned off', () => {
    expect(watched([{ a: 1 }], { fieldValuesMax: 0 })).toEqual({});
  });
});
