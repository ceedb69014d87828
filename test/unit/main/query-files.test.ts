/** A directory of saved queries: what it defines, what is wrong in it, and that it is watched. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configWith } from '../../../src/config.ts';
import { SavedDesk } from '../../../src/coordinator/saved-desk.ts';
import { VirtualClock } from '../../../src/core/clock.ts';
import { createLogger } from '../../../src/observe/logger.ts';
import { readQueryFile } from '../../../src/store/query-file.ts';
import { QueryFiles } from '../../../src/main/query-files.ts';
import { memoryQueries } from '../../support/memory-saved.ts';

let directory = '';
let clock: VirtualClock;
let changes = 0;
let seconds = 0;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'squilla-queries-'));
  clock = new VirtualClock(1_000);
  changes = 0;
  seconds = 0;
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Written anew, as the file system sees it. */
function write(name: string, text: string): void {
  const path = join(directory, name);
  writeFileSync(path, text);
  utimesSync(path, ++seconds, seconds);
}

function opened(): { readonly desk: SavedDesk; readonly files: QueryFiles } {
  const config = configWith({ rulesPollMs: 100 });
  const catalogue = () => ({ streams: () => ['plays'], fields: () => [] });
  const changed = (): void => void changes++;
  const desk = new SavedDesk({ saved: memoryQueries(), config, catalogue, changed });
  const log = createLogger({ level: 'silent', process: 'engine', clock, limits: config });
  return { desk, files: new QueryFiles({ directory, config, clock, log, desk }) };
}

const nameAndText = (desk: SavedDesk): readonly (readonly [string, string])[] =>
  desk.list().map(({ name, text }) => [name, text.trim()]);

const BUSY = 'select region, count(*) as n from plays window 1s group by region';

describe('a directory of saved queries', () => {
  test('defines one a .mql file, by its name, and several a YAML file', () => {
    write('busy.mql', `-- Starts by region,\n-- second by second.\n${BUSY}\n`);
    write(
      'slo.yaml',
      `queries:\n  - name: slow\n    query: select count(*) as n from plays where latency > $ms window 1m\n    params: {ms: 900}\n    keep: true\n  - {name: top, query: select max(n) as n from busy window 10s}\n`,
    );
    write('one.yml', 'name: plain\nquery: select title from plays\ndescription: as they come\n');
    write('notes.txt', 'not a query');
    const { desk, files } = opened();
    expect(files.mistakes).toEqual([]);
    expect(desk.list().map(({ name }) => name)).toEqual(['busy', 'plain', 'slow', 'top']);
    const [busy, plain, slow] = desk.list();
    expect(busy).toMatchObject({
      ...{ description: 'Starts by region, second by second.', file: 'busy.mql', version: 1 },
      columns: expect.arrayContaining([{ name: 'n', type: 'number' }]),
    });
    expect(plain).toMatchObject({ description: 'as they come', columns: null });
    expect(slow).toMatchObject({ params: { ms: 900 }, keep: true, owner: 'slo.yaml' });
  });

  test('is read anew when it changes, and tells who keeps queries', () => {
    write('busy.mql', BUSY);
    write('gone.mql', 'select title from plays');
    const { desk, files } = opened();
    expect(changes).toBe(1);
    clock.advance(1_000);
    files.tick();
    expect(changes).toBe(1);
    write('busy.mql', `${BUSY} having n > 2`);
    rmSync(join(directory, 'gone.mql'));
    clock.advance(1_000);
    files.tick();
    expect(nameAndText(desk)).toEqual([['busy', `${BUSY} having n > 2`]]);
    expect(desk.list()[0]).toMatchObject({ version: 2, createdAt: 1_000, updatedAt: 3_000 });
    expect(changes).toBe(2);
  });

  test('keeps what a query was as long as it has a mistake, and takes the others', () => {
    write('busy.mql', BUSY);
    write('other.mql', 'select title from plays');
    const { desk, files } = opened();
    write('busy.mql', `select region,\n  coutn(*) as n from plays window 1s`);
    write('other.mql', 'select device from plays');
    clock.advance(1_000);
    files.tick();
    expect(files.mistakes).toMatchObject(
      [
        { file: 'busy.mql', line: 2, column: 3, severity: 'error', message: /Did you mean count/ },
      ].map((one) => ({ ...one, message: expect.stringMatching(one.message) })),
    );
    expect(nameAndText(desk)).toEqual([
      ['busy', BUSY],
      ['other', 'select device from plays'],
    ]);
    write('busy.mql', BUSY);
    clock.advance(1_000);
    files.tick();
    expect(files.mistakes).toEqual([]);
  });

  test('keeps all of a file that cannot be read', () => {
    write(
      'two.yaml',
      `queries:\n  - {name: a, query: select a from plays}\n  - {name: b, query: select b from plays}\n`,
    );
    const { desk, files } = opened();
    write('two.yaml', `queries:\n  - {name: a, query: [select\n`);
    clock.advance(1_000);
    files.tick();
    expect(files.mistakes.length).toBeGreaterThan(0);
    expect(desk.list().map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('finds circles, names that are there twice, and queries that cannot be kept', () => {
    write('a.mql', 'select n from b window 1s');
    write('b.mql', 'select n from a window 1s');
    write('c.mql', 'select title from plays');
    write(
      'more.yaml',
      'queries:\n  - {name: c, query: select x from plays}\n  - {name: d, query: select x from plays, keep: true}\n',
    );
    const { desk, files } = opened();
    const messages = files.mistakes.map(({ file, message }) => `${file} ${message}`).join('\n');
    expect(messages).toMatch(/a\.mql a: .*circle/);
    expect(messages).toMatch(/more\.yaml c: c is in c\.mql, too/);
    expect(messages).toMatch(/more\.yaml d: only a query with a WINDOW/);
    expect(desk.list().map(({ name }) => name)).toEqual(['c']);
  });

  test('alone can change what it defines, and hides what was saved', () => {
    const { desk, files } = opened();
    const input = {
      name: 'busy',
      text: 'select 1 as x from plays',
      params: {},
      description: '',
      keep: false,
    };
    const how = { version: null, by: 'ada', nowMs: 1 };
    expect(desk.put(input, how).ok).toBe(true);
    write('busy.mql', BUSY);
    clock.advance(1_000);
    files.tick();
    expect(files.mistakes).toMatchObject([{ severity: 'warning' }]);
    expect(nameAndText(desk)).toEqual([['busy', BUSY]]);
    expect(desk.put(input, { ...how, version: 1 })).toMatchObject({
      error: { code: 'ENGINE_IN_FILE', detail: 'busy is defined in busy.mql' },
    });
    expect(desk.remove('busy', null)).toMatchObject({ error: { code: 'ENGINE_IN_FILE' } });
    rmSync(join(directory, 'busy.mql'));
    clock.advance(1_000);
    files.tick();
    expect(nameAndText(desk)).toEqual([['busy', 'select 1 as x from plays']]);
  });

  test('that is not there stops the start', () => {
    rmSync(directory, { recursive: true });
    expect(opened).toThrow(/ENGINE_BAD_QUERY_FILES/);
  });
});

describe('a YAML file of saved queries', () => {
  test.each([
    ['queries: 1', '1:10: `queries:` is a list'],
    ['- 1', '1:1: expected `name:` and `query:`'],
    ['nme: a\nquery: select a from s', '1:1: there is no field nme. Did you mean name?'],
    ['name: a', '1:1: `query` is missing'],
    ['name: a\nquery: 5', '2:8: `query` is a text'],
    ['name: a\nquery: select a from s\nkeep: 1', '3:7: `keep` is true or false'],
    ['name: a\nquery: select a from s\nparams: [1]', '3:9: `params` holds values by name'],
  ])('%j is told: %s', (text, wanted) => {
    const { definitions, mistakes } = readQueryFile('x.yaml', text);
    const told = mistakes.map(({ line, column, message }) => `${line}:${column}: ${message}`);
    expect(told).toContain(wanted);
    expect(definitions).toEqual([]);
  });

  test('says where its text begins, so that mistakes in it have a place', () => {
    const [one] = readQueryFile('x.yaml', 'name: a\nquery: select a from s').definitions;
    expect(one).toMatchObject({ line: 2, column: 8, indent: 0 });
    const [block] = readQueryFile(
      'x.yaml',
      'name: a\nquery: |\n   select a\n   from s',
    ).definitions;
    expect(block).toMatchObject({ line: 3, column: 4, indent: 3 });
    const [quoted] = readQueryFile('x.yaml', 'name: a\nquery: "select a from s"').definitions;
    expect(quoted).toMatchObject({ line: 2, column: 9, indent: 0 });
  });
});
