/** Ways in, as the engine's status tells of them. */
import { expect, test } from 'vitest';
import { waysFrom } from '../../../dashboard/fleet/listeners.tsx';
import { LISTENER_NAMES } from '../../../src/gateway/listener-names.ts';

test('every listener of the engine is told, open with its port or closed with what opens it', () => {
  const ways = waysFrom({ port: 7070, ingestPort: 7071, listeners: { statsd: 8125 } });
  const byName = new Map(ways.map((way) => [way.name, way]));
  expect([...byName.keys()]).toEqual(expect.arrayContaining([...LISTENER_NAMES]));
  expect(byName.get('statsd')).toMatchObject({ where: 'udp port 8125', opens: null });
  expect(byName.get('otlp')).toMatchObject({ where: '–', opens: 'squilla up --listen otlp' });
  expect(byName.get('http')?.where).toBe('http ports 7070 and 7071');
});

test('an older engine that says nothing of them has none open', () => {
  const closed = waysFrom({}).filter(({ opens }) => opens !== null);
  expect(closed.map(({ name }) => name)).toEqual([...LISTENER_NAMES]);
});
