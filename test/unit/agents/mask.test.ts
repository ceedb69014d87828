/** What a service gives of its events. */
import { describe, expect, test } from 'vitest';
import { StreamMask } from '../../../agents/mask.ts';
import type { MaskRule } from '../../../agents/mask.ts';
import type { Event } from '../../../src/model/value.ts';
import { planQuery } from '../../../src/plan/plan-query.ts';
import { StreamCatalogue } from '../../../src/coordinator/stream-catalogue.ts';
import { configWith, DEFAULTS } from '../../../src/config.ts';
import { AgentSession } from '../../../agents/session.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { createRng } from '../../../src/core/rng.ts';
import { PUBLISH } from '../../support/live-agent.ts';

function masked(rules: readonly MaskRule[], event: object): unknown {
  const mask = StreamMask.of(rules, 'plays');
  // As JSON would say it: what is denied is not there.
  return JSON.parse(JSON.stringify(mask === null ? event : mask.apply(event as Event)));
}

const deny = (field: string): MaskRule => ({ field, action: 'deny' });

describe('a mask', () => {
  test.each<[string, readonly MaskRule[], object, object]>([
    ['denies a field', [deny('a')], { a: 1, b: 2 }, { b: 2 }],
    ['denies inside objects', [deny('u.mail')], { u: { mail: 'x', n: 1 } }, { u: { n: 1 } }],
    ['denies a dotted key', [deny('u.mail')], { 'u.mail': 'x', n: 1 }, { n: 1 }],
    ['denies mixed cuts', [deny('a.b.c')], { 'a.b': { c: 1, d: 2 } }, { 'a.b': { d: 2 } }],
    ['denies through lists', [deny('i.k')], { i: [{ k: 1, v: 2 }, 3] }, { i: [{ v: 2 }, 3] }],
    [
      'cuts texts, characters whole',
      [{ field: 't', action: 'truncate', length: 2 }],
      { t: '😀😀😀', u: 'long' },
      { t: '😀😀', u: 'long' },
    ],
    [
      'replaces in every text',
      [{ field: '*', action: 'replace', pattern: '\\d{4,}', with: '$1' }],
      { a: 'card 12345', b: { c: ['9999', 12_345] } },
      { a: 'card $1', b: { c: ['$1', 12_345] } },
    ],
    [
      'denies what it does not understand',
      [{ field: 'a', action: 'replace', pattern: '(' }],
      { a: 'secret', b: 1 },
      { b: 1 },
    ],
    ['leaves what is not there', [deny('x.y')], { a: 1 }, { a: 1 }],
  ])('%s', (_name, rules, event, expected) => {
    const before = structuredClone(event);
    expect(masked(rules, event)).toStrictEqual(expected);
    expect(event).toStrictEqual(before);
  });

  test('hashes so that equal texts stay equal, and others cannot be told without the salt', () => {
    const hash = (salt: string): MaskRule => ({ field: 'a', action: 'hash', salt });
    const one = masked([hash('s')], { a: 'x' }) as { readonly a: string };
    expect(one.a).toMatch(/^[0-9a-f]{16}$/);
    expect(masked([hash('s')], { a: 'x' })).toStrictEqual(one);
    expect(masked([hash('t')], { a: 'x' })).not.toStrictEqual(one);
  });

  test('is for the streams that it names', () => {
    const rule: MaskRule = { ...deny('a'), stream: 'pl*' };
    expect(StreamMask.of([rule], 'plays')).not.toBeNull();
    expect(StreamMask.of([rule], 'logs')).toBeNull();
  });

  test('hides a getter of a class', () => {
    class Play {
      readonly n = 1;
      get mail(): string {
        return 'secret';
      }
    }
    const mask = StreamMask.of([deny('mail')], 'plays')!;
    const given = mask.apply(new Play() as unknown as Event);
    expect(given['mail']).toBeUndefined();
    expect(given['n']).toBe(1);
  });
});

describe('a denied field', () => {
  test('is offered as denied, and queries are told', () => {
    const session = new AgentSession({
      ...{ url: 'ws://engine', token: null, limits: configWith({}), onWork: () => undefined },
      identity: { id: 'a', incarnation: 1, service: 'a', host: 'h', library: 'l', tags: {} },
      clock: new VirtualClock(0),
      rng: createRng(1),
      mask: [deny('mail')],
    });
    const plays = session.stream('plays', PUBLISH)!;
    plays.publish({ mail: 'x', n: 1 });
    const catalogue = new StreamCatalogue(DEFAULTS, () => 0);
    catalogue.offer(plays.offer());
    expect(plays.offer().fields).toContainEqual({ name: 'mail', type: 'denied' });
    const fields = catalogue.asFieldCatalogue();
    const { diagnostics } = planQuery("select n from plays where mail = 'x'", {
      ...{ mode: 'live', config: DEFAULTS, catalogue: fields },
    });
    expect(diagnostics.map(({ code }) => code)).toStrictEqual(['MQL_DENIED_FIELD']);
    // Another service that gives it is reason enough to say nothing.
    catalogue.offer({ ...plays.offer(), fields: [{ name: 'mail', type: 'string' }] });
    const again = planQuery("select n from plays where mail = 'x'", {
      ...{ mode: 'live', config: DEFAULTS, catalogue: catalogue.asFieldCatalogue() },
    });
    expect(again.diagnostics).toStrictEqual([]);
  });
});
