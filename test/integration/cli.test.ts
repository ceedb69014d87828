/** The `squilla` command as a user runs it: output, errors and exit codes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  endAll,
  publish,
  settingsFile,
  squilla,
  startEngine,
  startSquilla,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import type { RowsMessage } from '../../src/wire/results.ts';

let engine: EngineProcess;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(endAll);

function at(...args: readonly string[]): string[] {
  return [...args, '--url', engine.url];
}

describe('query', () => {
  test('--json prints one message a line, and ends at its limit with 0', async () => {
    const mql = 'select a from typed';
    const run = startSquilla(...at('query', mql, '--json', '--limit', '2'));
    await until(() => run.out().includes('"progress"'), 'the query runs');
    await publish(engine, 'typed', [{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(await run.exited).toBe(0);
    const messages = run
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; rows?: object[] });
    expect(messages[0]?.type).toBe('schema');
    expect(messages.flatMap((message) => message.rows ?? [])).toStrictEqual([{ a: 1 }, { a: 2 }]);
  });

  test('what is printed begins now, unless what was kept is asked for', async () => {
    const mql = 'select count(*) as n from kept_or_not window 100ms';
    const reader = startSquilla(...at('query', mql, '--json'));
    await until(() => reader.out().split('"type":"rows"').length > 3, 'windows are kept');
    const replays = async (...flags: readonly string[]): Promise<readonly boolean[]> => {
      const { out } = await squilla(at('query', mql, '--json', '--limit', '1', ...flags));
      const messages = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as RowsMessage);
      return messages.filter(({ type }) => type === 'rows').map(({ replay }) => replay);
    };
    expect(await replays()).toEqual([false]);
    expect(await replays('--kept')).toEqual([true]);
  });

  test('draws a table of each window, and stops after a while', async () => {
    const mql = 'select count(*) as n from drawn window 250ms';
    const { code, out } = await squilla(at('query', mql, '--for', '900ms'));
    expect(code).toBe(0);
    expect(out).toMatch(/\d\d:\d\d:\d\d .*\n\s*n\s*\n\s*0/);
  });

  test('stops at Ctrl-C with 0', async () => {
    const run = startSquilla(...at('query', 'select * from squilla.engine', '--json'));
    await until(() => run.out().includes('"schema"'), 'the query runs');
    run.child.kill('SIGINT');
    expect(await run.exited).toBe(0);
  });

  test('ends when the query is stopped, and says why', async () => {
    const run = startSquilla(...at('query', 'select b from halted', '--json'));
    const line = await until(() => /\{.*"schema".*\}/.exec(run.out())?.[0], 'the schema');
    const { query } = JSON.parse(line) as { query: string };
    await fetch(`${engine.url}/api/v1/queries/${encodeURIComponent(query)}`, { method: 'DELETE' });
    expect(await run.exited).toBe(0);
    expect(run.out()).toContain('"type":"end"');
  });

  test.each([
    ['a mistake in the query', ['select count(*) fron plays'], 1, /fron[\s\S]*\^/],
    ['a duration that is none', ['select 1 from a', '--for', 'soon'], 2, /--for: not a duration/],
    ['an option that is none', ['select 1 from a', '--fro', '1s'], 2, /unknown option '--fro'/],
    ['no query', [], 2, /give a query, or --saved/],
  ])('%s is told with its exit code', async (_name, args, expected, message) => {
    const { code, err } = await squilla(at('query', ...args));
    expect(err).toMatch(message);
    expect(code).toBe(expected);
  });

  test('without an engine says how to start one', async () => {
    const { code, err } = await squilla([
      'query',
      'select 1 from a',
      '--url',
      'http://127.0.0.1:9',
    ]);
    expect(code).toBe(1);
    expect(err).toContain('squilla up');
  });
});

test('explain asks the engine, which knows its streams', async () => {
  const { code, err, out } = await squilla(at('explain', 'select max(a) from nowhere window 1s'));
  expect(code).toBe(0);
  expect(err).toContain('nowhere');
  expect(out).toContain('window: 1s');
});

describe('without an engine', () => {
  test('check prints the canonical query, or the mistake under a caret', async () => {
    const good = await squilla(['check', 'SELECT count(*) AS n FROM plays WINDOW 1s']);
    expect(good).toMatchObject({ code: 0 });
    expect(good.out).toMatch(/select count\(\*\) as n from plays window 1s/i);
    const bad = await squilla(['check', 'select count(*) from plays gruop by region']);
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(/1:34 \| .*gruop by/);
    expect(bad.err).toMatch(/ \^\^\n {2}hint: Did you mean GROUP/);
    const json = await squilla(['check', '--json', 'select']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, canonical: null });
  });

  test('check --explain prints the plan', async () => {
    const { code, out } = await squilla(['check', '--explain', 'select max(a) from b window 1s']);
    expect(code).toBe(0);
    expect(out.split('\n').length).toBeGreaterThan(3);
  });

  test('explain prints the plan, and says that no engine was asked', async () => {
    const mql = 'select max(a) from b window 1s';
    const nowhere = await squilla(['explain', mql, '--url', 'http://127.0.0.1:9']);
    expect(nowhere.code).toBe(0);
    expect(nowhere.err).toContain('no engine at http://127.0.0.1:9');
    const offline = await squilla(['explain', mql, '--offline']);
    expect(offline).toMatchObject({ code: 0, err: '' });
    expect(offline.out).toBe(nowhere.out);
    expect(offline.out).toContain('window: 1s');
    const json = await squilla(['explain', '--offline', '--json', 'select']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ explain: null });
  });

  test('explain shows what cannot run yet, and diagnostics stand where the text has them', async () => {
    const last = await squilla(['explain', '--offline', 'select a from b last 15m']);
    expect(last.code).toBe(0);
    expect(last.out).toContain('15m');
    expect(last.err).toMatch(/1:17 \| .*last 15m/);
    const same = await squilla(['explain', '--offline', 'explain select a from b last 15m']);
    expect(same.out).toBe(last.out);
    const bad = await squilla(['explain', '--offline', '--json', 'select a gruop by b']);
    const { diagnostics } = JSON.parse(bad.out) as { diagnostics: { span: object }[] };
    expect(diagnostics[0]!.span).toMatchObject({ start: 15, line: 1, column: 16 });
  });

  test('check, explain and eval take views from files', async () => {
    const file = join(temporaryFolder(), 'busy.mql');
    writeFileSync(file, 'select region, count(*) as n from plays window 1s group by region');
    const mql = 'select region, sum(n) as total from busy window 10s group by region';
    const views = ['--view', `busy=${file}`];
    expect(await squilla(['check', mql, ...views])).toMatchObject({ code: 0, err: '' });
    const plan = await squilla(['explain', '--offline', mql, ...views]);
    expect(plan.out).toContain('busy');
    const events = ['{"ts":1,"region":"a"}', '{"ts":2,"region":"a"}'].join('\n');
    const { out } = await squilla(['eval', mql, 'plays=-', ...views], events);
    expect(JSON.parse(out)).toMatchObject({ region: 'a', total: 2 });
    for (const command of ['check', 'eval', 'explain']) {
      const missing = await squilla([command, mql, '--view', 'busy=no-such.mql']);
      expect(missing).toMatchObject({ code: 1 });
      expect(missing.err).toContain('no-such.mql');
    }
  });

  test('fmt prints, checks and rewrites', async () => {
    const file = join(temporaryFolder(), 'query.mql');
    const text = 'SELECT   a -- why\nFROM b\n';
    const laid = 'SELECT a -- why\nFROM b\n';
    writeFileSync(file, text);
    expect(await squilla(['fmt'], text)).toMatchObject({ code: 0, out: laid });
    const check = await squilla(['fmt', '--check', file]);
    expect(check.code).toBe(1);
    expect(check.err).toBe(`${file}: not formatted\n`);
    expect(await squilla(['fmt', '--write', file])).toMatchObject({ code: 0, out: '' });
    expect(readFileSync(file, 'utf8')).toBe(laid);
    expect(await squilla(['fmt', '--check', file])).toMatchObject({ code: 0, err: '' });
    const bad = await squilla(['fmt'], 'select from where');
    expect(bad.code).toBe(1);
    expect(bad.err).toMatch(/standard input:[\s\S]*\^/);
    expect(await squilla(['fmt', 'no-such.mql'])).toMatchObject({ code: 1 });
  });

  test('eval answers over standard input and files', async () => {
    const lines = '{"u":"a","s":500}\n{"u":"b","s":200}\n{"u":"a","s":503}\n';
    const mql = 'select u, count(*) as n where s >= 500 group by u';
    const piped = await squilla(['eval', mql], lines);
    expect(piped).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(piped.out)).toStrictEqual({ u: 'a', n: 2 });
    const file = join(temporaryFolder(), 'events.ndjson');
    writeFileSync(file, lines);
    expect((await squilla(['eval', mql, file])).out).toBe(piped.out);
  });

  test.each([
    ['a bad line, by number', ['select a'], '{"a":1}\nnope\n', 1, /standard input:2: not a JSON/],
    ['a file that is not there', ['select a', 'no-such.ndjson'], '', 1, /no-such\.ndjson/],
    ['a query with a mistake', ['select count('], '', 1, /\^/],
    ['a time that is none', ['select a', '--now', 'later'], '', 2, /--now: not a time: later/],
  ])('eval tells of %s', async (_name, ...[args, input, expected, message]) => {
    const { code, err } = await squilla(['eval', ...args], input);
    expect(err).toMatch(message);
    expect(code).toBe(expected);
  });

  test.each([
    [[], 2],
    [['--help'], 0],
    [['up', '--help'], 0],
    [['--version'], 0],
    [['frobnicate'], 2],
    [['agent', 'tail'], 2],
    [['demo', 'break', '--kind', 'flood'], 2],
    [['query', 'select a', '--url', 'nonsense'], 2],
    [['status', '--url', 'ftp://127.0.0.1'], 2],
    [['agent', 'host', '--url', '127.0.0.1:7071'], 2],
  ])('squilla %j exits with %i', async (args, expected) => {
    expect((await squilla(args)).code).toBe(expected);
  });
});

describe('streams and status', () => {
  test('streams lists streams with their fields, as a table and as JSON', async () => {
    await publish(engine, 'listed', [{ color: 'red', size: 3 }]);
    await until(async () => {
      const { out } = await squilla(at('streams'));
      return /^listed .*color, size/m.test(out);
    }, 'the stream is listed');
    const { code, out } = await squilla(at('streams', '--json'));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ name: 'listed' }));
    const one = await squilla(at('streams', 'listed'));
    expect(one.out).toMatch(/^color +string +"red"$/m);
    expect(one.out).toMatch(/^size +number +3$/m);
    const none = await squilla(at('streams', 'no such'));
    expect(none).toMatchObject({ code: 1, err: 'There is no stream no such yet.\n' });
  });

  test('agents says that there are none, and how one is started', async () => {
    expect(await squilla(at('agents'))).toMatchObject({
      code: 0,
      out: 'No agents yet. Start one: squilla agent host\n',
    });
    expect((await squilla(at('agents', '--json'))).out).toBe('[]\n');
  });

  test('status says that the engine is well', async () => {
    const { code, out } = await squilla(at('status'));
    expect(code).toBe(0);
    expect(out).toMatch(/^engine +well/m);
    expect(out).toMatch(/^ledger +closes/m);
    const json = await squilla(at('status', '--json'));
    expect(JSON.parse(json.out)).toMatchObject({ ready: true });
  });

  test.each(['agents', 'streams', 'status'])(
    '%s without an engine exits with 1',
    async (command) => {
      const { code, err } = await squilla([command, '--url', 'http://127.0.0.1:9']);
      expect(code).toBe(1);
      expect(err).toContain('squilla up');
    },
  );
});

describe('up', () => {
  test('names line and column of every mistake in its settings', async () => {
    const file = settingsFile('leaseMs: 800\nleasems: 1\ntickMs: fast\ntransport: tcp\n');
    const { code, err } = await squilla(['up', '--config', file]);
    expect(code).toBe(2);
    expect(err).toContain(`${file}:2:1: no setting is called \`leasems\`; \`leaseMs\`?`);
    expect(err).toContain(`${file}:3:9: \`tickMs\` is a whole number of ms`);
    expect(err).toContain(`${file}:4:12: \`transport\` is one of auto, uws, ws`);
  });

  test.each([
    ['a file that is not there', ['--config', 'no-such.yaml'], 2, /no-such\.yaml/],
    ['shards that are no number', ['--shards', 'many'], 2, /--shards: a whole number or auto/],
    ['half of TLS', ['--tls-cert', 'a.pem'], 2, /--tls-key/],
    ['a bind that anybody could reach', ['--host', '0.0.0.0'], 1, /--insecure/],
  ])('tells of %s', async (_name, flags, expected, message) => {
    const ports = ['--port', '0', '--ingest-port', '0'];
    const { code, err } = await squilla(['up', ...ports, ...flags]);
    expect(err).toMatch(message);
    expect(code).toBe(expected);
  });

  test.each([
    ['the API', '--port'],
    ['agents', '--ingest-port'],
  ])('on a port of %s that is taken says which flag to change', async (_name, flag) => {
    const taken = flag === '--port' ? engine.port : engine.ingestPort;
    const flags = { '--port': '0', '--ingest-port': '0', [flag]: String(taken) };
    const { code, err } = await squilla(['up', ...Object.entries(flags).flat()]);
    expect(code).toBe(1);
    expect(err).toMatch(/^ENGINE_PORT_IN_USE/m);
    expect(err).not.toContain('ENGINE_INTERNAL');
    expect(err).toContain(String(taken));
    expect(err).toMatch(new RegExp(`(?<!\\w)${flag}\\b`));
  });
});
