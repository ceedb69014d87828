/**
 * What the screens think before they draw: addresses, order of alerts, stretches, parts of sums.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decidingValue,
  groupByRule,
  keyText,
  matchersFor,
  webLink,
} from '../../../dashboard/alerts/alert-words.ts';
import { nameInText, ruleFor, ruleNameFor } from '../../../dashboard/alerts/rule-template.ts';
import { stretchesOf } from '../../../dashboard/alerts/transitions.ts';
import { agentParts, engineParts } from '../../../dashboard/fleet/ledger-parts.ts';
import { ratesFrom } from '../../../dashboard/fleet/agent-rates.ts';
import { csvFrom, ndjsonFrom } from '../../../dashboard/export-rows.ts';
import { planFrom } from '../../../dashboard/explain-plan.ts';
import { agoText, bytesText, countText, readableText } from '../../../dashboard/format.ts';
import { narrowedQuery } from '../../../dashboard/narrow-query.ts';
import { rankCommands } from '../../../dashboard/palette.tsx';
import { withNewest } from '../../../dashboard/query-history.ts';
import { addressOf, routeFrom } from '../../../dashboard/router.ts';
import { cliText, curlText, shellQuoted } from '../../../dashboard/share-texts.ts';
import { execFileSync } from 'node:child_process';
import { parse } from '../../../grammar/parse.ts';
import type { AlertView } from '../../../src/alert/alert-views.ts';
import { readRuleFile } from '../../../src/alert/rule-file.ts';
import type { AlertTransition } from '../../../src/alert/transition.ts';

describe('addresses', () => {
  test.each([
    ['', 'explore', []],
    ['#q=select+1&run=1', 'explore', []],
    ['#/alerts', 'alerts', []],
    ['#/alerts/rules/a%2Fb?key=%7B%7D', 'alerts', ['rules', 'a/b']],
    ['#/nowhere/x', 'explore', ['x']],
    ['#/alerts/rules/%E0%A4%A', 'alerts', ['rules', '%E0%A4%A']],
  ])('%s', (hash, screen, path) => {
    expect(routeFrom(hash)).toMatchObject({ screen, path });
  });

  test('what is written is read, whatever the names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 4 }),
        fc.string({ unit: 'grapheme' }),
        (path, key) => {
          const route = routeFrom(addressOf('alerts', path, { key }));
          expect(route.path).toEqual(path);
          expect(route.params.get('key')).toBe(key);
        },
      ),
    );
  });
});

function alert(changes: Partial<AlertView> = {}): AlertView {
  return {
    rule: 'r',
    condition: 'threshold',
    key: '{"region":"eu"}',
    state: 'firing',
    episode: 'e',
    severity: 'warning',
    labels: { alertname: 'r', severity: 'warning', region: 'eu' },
    startsAt: 0,
    reason: 'n < 5',
    values: { n: 4, window_end: 3 },
    evidence: { values: { n: 3, window_end: 3 }, sparkline: [{ atMs: 0, value: 3 }] },
    annotations: {},
    runbook: null,
    owner: null,
    evaluatedThrough: null,
    muted: { silences: [], maintenance: [], inhibitions: [] },
    incident: null,
    acknowledgement: null,
    escalation: null,
    receivers: [],
    ...changes,
  };
}

describe('alerts', () => {
  test('a silence names all labels but the severity', () => {
    expect(matchersFor({ severity: 'info', region: 'e"u' })).toEqual([String.raw`region = "e\"u"`]);
  });

  test('the worst rule comes first, then the one that fired last; newest within', () => {
    const groups = groupByRule([
      alert({ rule: 'old', startsAt: 1 }),
      alert({ rule: 'new', startsAt: 5 }),
      alert({ rule: 'bad', startsAt: 2, severity: 'critical' }),
      alert({ rule: 'new', startsAt: 9 }),
    ]);
    expect(groups.map(({ rule }) => rule)).toEqual(['bad', 'new', 'old']);
    expect(groups[1]?.alerts.map(({ startsAt }) => startsAt)).toEqual([9, 5]);
  });

  test.each([
    ['https://wiki.test/run', 'https://wiki.test/run'],
    ['http://wiki.test/', 'http://wiki.test/'],
    ['javascript:alert(1)', null],
    [' javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['wiki/run', null],
    [null, null],
  ])('a runbook %s leads to %s', (address, link) => {
    expect(webLink(address)).toBe(link);
  });

  test('the deciding column is the one whose value ends the series, and not a window time', () => {
    expect(decidingValue(alert())).toEqual({ column: 'n', fired: 3, now: 4 });
    expect(decidingValue(alert({ evidence: {} }))).toBeNull();
  });

  test('keys read as words, broken ones as they are', () => {
    expect(keyText('{"region":"eu","n":1}')).toBe('region eu · n 1');
    expect(keyText('{}')).toBe('all');
    expect(keyText('{')).toBe('{');
  });
});

function change(from: string, to: string, atMs: number, key = 'k'): AlertTransition {
  return { from, to, atMs, key, condition: 'threshold' } as AlertTransition;
}

describe('a state timeline', () => {
  test('an episode is a stretch for each state, and what lasts goes on to the end', () => {
    const stretches = stretchesOf(
      [change('pending', 'firing', 20), change('ok', 'pending', 10)],
      0,
      100,
    );
    expect(stretches).toEqual([
      { fromMs: 10, toMs: 20, state: 'pending' },
      { fromMs: 20, toMs: 100, state: 'firing' },
    ]);
  });

  test('what fired before the view began fills it from its start', () => {
    expect(stretchesOf([change('firing', 'ok', 40)], 0, 100)).toEqual([
      { fromMs: 0, toMs: 40, state: 'firing' },
    ]);
    expect(stretchesOf([change('ok', 'firing', 5)], 50, 100)).toEqual([
      { fromMs: 50, toMs: 100, state: 'firing' },
    ]);
  });

  test('what ended before the view is not in it', () => {
    expect(stretchesOf([change('firing', 'ok', 40), change('ok', 'firing', 5)], 50, 100)).toEqual(
      [],
    );
  });
});

describe('a rule to begin with', () => {
  test.each([null, 'select count(*) as n\nfrom plays window 1s'])('%s is read as one rule', (q) => {
    const { rules, mistakes } = readRuleFile(ruleFor(q));
    expect(mistakes).toEqual([]);
    expect(rules).toHaveLength(1);
    expect(nameInText(ruleFor(q))).toBe('new-rule');
  });

  test.each([
    ['starts < 17', 'plays-low'],
    ['`COUNT(*)` > 0.11', 'plays-high'],
  ])('with the condition %s it watches that, under a name that is free', (when, name) => {
    const query = 'select count(*) as starts from plays window 1s';
    const called = ruleNameFor(query, when, new Set([name]));
    const { rules, mistakes } = readRuleFile(ruleFor(query, when, called));
    expect(mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(rules[0]?.rule).toMatchObject({ name: `${name}-2`, when });
  });

  test('nothing of an address becomes a line of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (when, called) => {
        const lines = ruleFor('select 1', `${when}\nseverity: x`, `a${called}\nquery: x`).split(
          '\n',
        );
        return lines.filter((line) => /^(?:name|query|when|severity):/.test(line)).length === 4;
      }),
    );
  });

  test.each([
    ['name: a', 'a'],
    ["- name: 'a b' # why", 'a b'],
    ['query: x', null],
  ])('%s is named %s', (text, name) => {
    expect(nameInText(text)).toBe(name);
  });
});

describe('the ledger', () => {
  const count = fc.nat({ max: 1_000_000 });

  test('parts of a page add up to its total, whatever is not told yet', () => {
    fc.assert(
      fc.property(fc.tuple(count, count, count, count, count, count), (counts) => {
        const [sent, aggregated, filtered, sampledOut, lost, open] = counts;
        const dropped = { slow: lost };
        const offered = sent + aggregated + filtered + sampledOut + lost + open;
        const parts = agentParts({ offered, filtered, sampledOut, aggregated, sent, dropped });
        expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(offered);
        const received = sent + lost + open;
        const inside = engineParts({ received, evaluated: sent, dropped });
        expect(inside.reduce((sum, part) => sum + part.count, 0)).toBe(received);
      }),
    );
  });

  test('rates are of agents that were seen before and did not begin anew', () => {
    const at = (offered: number, sent: number): { id: string; offered: number; sent: number } => {
      return { id: 'a', offered, sent };
    };
    const first = ratesFrom([at(900, 100)], new Map(), 1_000);
    expect(first.get('a')?.perSecond).toBeNull();
    const second = ratesFrom([at(2_900, 300)], first, 3_000);
    expect(second.get('a')?.perSecond).toEqual({ offered: 1_000, sent: 100 });
    expect(ratesFrom([at(5, 5)], second, 4_000).get('a')?.perSecond).toBeNull();
  });
});

describe('words', () => {
  test('sizes, counts, times and long numbers', () => {
    expect([bytesText(640), bytesText(1_536), bytesText(145_000_000)]).toEqual([
      '640 B',
      '1.5 KiB',
      '138 MiB',
    ]);
    expect(countText(2, 'query', 'queries')).toBe('2 queries');
    expect([agoText(0, 59_000), agoText(0, 600_000)]).toEqual(['59 s', '10 min']);
    expect(readableText('failed > 0.05 (failed = 0.538666666)')).toBe(
      'failed > 0.05 (failed = 0.539)',
    );
  });

  test('the palette finds words by their start, their middle and their letters', () => {
    const commands = ['Live alerts', 'Alerts', 'Salerts', 'xaxlxexrxt'].map((title) => ({
      ...{ kind: 'Go to', title, detail: '' },
      run: () => undefined,
    }));
    expect(rankCommands(commands, 'alert').map(({ title }) => title)).toEqual([
      'Alerts',
      'Live alerts',
      'Salerts',
      'xaxlxexrxt',
    ]);
    expect(rankCommands(commands, 'zz')).toEqual([]);
  });
});

describe('a query narrowed to a group', () => {
  test.each([
    [
      'select count(*) from plays window 1s group by region',
      { region: "o'hare" },
      "select count(*) from plays where region = 'o''hare' window 1s group by region",
    ],
    [
      'select count(*) from plays where a = 1 or b = 2 window 1s group by region',
      { region: null },
      'select count(*) from plays where (a = 1 or b = 2) and region is null window 1s group by region',
    ],
    [
      'select count(*) from plays where a = 1 window 1s group by region, status',
      { region: 'eu', status: 200 },
      "select count(*) from plays where a = 1 and region = 'eu' and status = 200 window 1s group by region, status",
    ],
    ['select count(*) from plays window 1s', { region: 'eu' }, null],
    ['select count(* from', { region: 'eu' }, null],
  ])('%s', (text, row, narrowed) => {
    const keys = Object.keys(row);
    expect(narrowedQuery(text, keys, row)).toBe(narrowed);
    if (narrowed === null) return;
    expect(parse(narrowed).diagnostics).toEqual([]);
    expect(narrowedQuery(narrowed, keys, row)).toBeNull();
  });
});

describe('a question handed on', () => {
  test('a shell hands on exactly what was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\0'));
        const echoed = execFileSync('/bin/sh', ['-c', `printf %s ${shellQuoted(text)}`]);
        expect(echoed.toString()).toBe(text);
      }),
      { numRuns: 20 },
    );
  });

  test('the default engine needs no address, another one does', () => {
    expect(cliText('select 1', 'http://127.0.0.1:7070/')).toBe("squilla query 'select 1'");
    expect(cliText('q', 'http://host:1/')).toBe("squilla query --url 'http://host:1' 'q'");
    expect(curlText('a b', 'http://h/')).toBe("curl -N 'http://h/api/v1/query/live?q=a+b'");
  });

  test('rows as CSV: quoted where needed, and no cell is a formula', () => {
    const rows = [
      { a: 'x,"y"', b: 1, c: null },
      { a: '=cmd()', b: -2 },
    ];
    expect(csvFrom(['a', 'b', 'c'], rows)).toBe('a,b,c\r\n"x,""y""",1,\r\n\'=cmd(),-2,\r\n');
    expect(ndjsonFrom(rows)).toBe('{"a":"x,\\"y\\"","b":1,"c":null}\n{"a":"=cmd()","b":-2}\n');
  });
});

test('rows of EXPLAIN ANALYZE become stages with their lines and rates', () => {
  const { facts, stages } = planFrom([
    { plan: 'EXPLAIN ANALYZE …' },
    {
      plan: 'agent',
      in: 5,
      out: 4,
      in_per_second: 2.5,
      out_per_second: null,
      bytes: 10,
      note: 'n',
    },
    { plan: '├─ filter: none' },
    { plan: 'merge', in: 1, out: 1 },
    { plan: 'rules: prune-fields' },
  ]);
  expect(facts).toEqual(['EXPLAIN ANALYZE …', 'rules: prune-fields']);
  expect(stages.map(({ name, lines }) => [name, lines])).toEqual([
    ['agent', ['filter: none']],
    ['merge', []],
  ]);
  expect(stages[0]).toMatchObject({ inPerSecond: 2.5, outPerSecond: null, bytes: 10, note: 'n' });
});

test('a query that is asked again moves to the front of a bounded history', () => {
  expect(withNewest(['a', 'b'], 'b')).toEqual(['b', 'a']);
  const many = Array.from({ length: 80 }, (_, i) => `q${i}`);
  expect(withNewest(many, 'new')).toHaveLength(50);
});
