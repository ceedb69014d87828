/** Whom a message reaches, however often its list of subscriptions comes again. */
import { expect, test } from 'vitest';
import { ResultSinks } from '../../../src/main/result-sinks.ts';
import { deliver, rowsMessage } from '../../support/memory-engine.ts';

interface Rig {
  readonly sinks: ResultSinks;
  readonly heard: string[];
}

function setUp(names: readonly string[]): Rig {
  const heard: string[] = [];
  const sinks = new ResultSinks();
  for (const name of names) sinks.open(name, ({ type }) => heard.push(`${name} ${type}`));
  return { sinks, heard };
}

test.each([1, 2, 8])('all of %i subscriptions, in order, each time', (count) => {
  const names = Array.from({ length: count }, (_, i) => `s${i}`);
  const { sinks, heard } = setUp(names);
  const effect = { ...deliver(rowsMessage({})), subscriptions: names };
  sinks.deliver(effect);
  sinks.deliver({ ...effect });
  const once = names.map((name) => `${name} deliver`);
  expect(heard).toStrictEqual([...once, ...once]);
});

test.each([2, 8])('nobody who has left, of a list of %i that was known before', (count) => {
  const names = Array.from({ length: count }, (_, i) => `s${i}`);
  const { sinks, heard } = setUp(names);
  const effect = { ...deliver(rowsMessage({})), subscriptions: names };
  sinks.deliver(effect);
  heard.length = 0;
  expect(sinks.close('s1')).toBe(true);
  expect(sinks.close('s1')).toBe(false);
  sinks.deliver(effect);
  expect(heard).not.toContain('s1 deliver');
  expect(heard).toHaveLength(count - 1);
});

test('the end of a subscription is its last message', () => {
  const { sinks, heard } = setUp(['s']);
  sinks.end({ type: 'closed', subscription: 's' });
  sinks.end({ type: 'closed', subscription: 's' });
  expect(sinks.has('s')).toBe(false);
  expect(heard).toStrictEqual(['s closed']);
});
