import { describe, expect, test } from 'vitest';
import { checkRules } from '../../../src/alert/check-rules.ts';
import { Replay } from '../../../src/alert/replay.ts';
import { scopeAlone } from '../../../src/alert/rule-scope.ts';

const START_MS = 1_700_000_000_000;

const RULES = `
rules:
  - name: few
    query: select count(*) as n from plays window 10s group by region
    when: n < 5
    for: 20s
`;

function replay(text = RULES): Replay {
  const { rules } = checkRules(text, scopeAlone());
  const versioned = rules.map(({ rule }) => ({ rule, version: 1 }));
  return new Replay({ rules: versioned, startMs: START_MS, stepMs: 1_000 });
}

describe('a replay', () => {
  test('gives the transitions that would have been, absences included', () => {
    const past = replay();
    for (let ms = 0; ms < 300_000; ms += 500) {
      const timeMs = START_MS + ms;
      const isDown = ms >= 100_000 && ms < 200_000;
      if (!isDown) past.feed({ stream: 'plays', timeMs, event: { region: 'eu' } });
      past.feed({ stream: 'plays', timeMs, event: { region: 'us' } });
    }
    past.advanceTo(START_MS + 300_000);
    const moves = past.transitions.map(({ key, to, window }) => [
      key,
      to,
      ((window?.endMs ?? 0) - START_MS) / 1_000,
    ]);
    expect(moves).toEqual([
      ['{"region":"eu"}', 'pending', 110],
      ['{"region":"eu"}', 'firing', 130],
      ['{"region":"eu"}', 'ok', 210],
    ]);
  });

  test('a stream that stops is seen by the clock', () => {
    const past = replay();
    for (let ms = 0; ms < 60_000; ms += 500) {
      past.feed({ stream: 'plays', timeMs: START_MS + ms, event: { region: 'eu' } });
    }
    past.advanceTo(START_MS + 120_000);
    expect(past.transitions.map(({ to }) => to)).toEqual(['pending', 'firing']);
  });
});
