/** The pure parts of the command line: what goes in as data comes out as text, and the reverse. */
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../grammar/diagnostic.ts';
import { renderDiagnostics } from '../../../src/cli/diagnostics-text.ts';
import { durationMs } from '../../../src/cli/duration.ts';
import { readLines } from '../../../src/cli/lines.ts';
import { LiveView, sparkline, verdict } from '../../../src/cli/live-view.ts';
import { createPaint, printable } from '../../../src/cli/paint.ts';
import { readParameters } from '../../../src/cli/parameters.ts';
import { renderTable } from '../../../src/cli/table.ts';
import type { Completeness, RowsMessage, SchemaMessage } from '../../../src/wire/results.ts';

const plain = createPaint(false);

describe('durations', () => {
  test.each([
    ['10s', 10_000],
    ['500ms', 500],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2', 2_000],
    [' 1.5s ', 1_500],
    ['0s', null],
    ['-1s', null],
    ['1d', 86_400_000],
    ['1w', null],
    ['', null],
    ['soon', null],
  ])('%j is %j ms', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});

describe('parameters', () => {
  test.each([
    ['5', 5],
    ['true', true],
    ['null', null],
    ['"5"', '5'],
    ['[1,2]', [1, 2]],
    ['eu-west', 'eu-west'],
    ['', ''],
  ])('%j reads as %j', (text, expected) => {
    expect(readParameters({ p: text })).toStrictEqual({ p: expected });
  });
});

describe('lines', () => {
  async function linesOf(...chunks: readonly string[]): Promise<string[]> {
    const bytes = (async function* (): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk, 'latin1'));
    })();
    const lines: string[] = [];
    for await (const line of readLines(bytes)) lines.push(line);
    return lines;
  }

  test.each([
    [['a\nb\n'], ['a', 'b']],
    [
      ['a', 'b\nc'],
      ['ab', 'c'],
    ],
    [
      ['a\r\nb\r', '\nc'],
      ['a', 'b', 'c'],
    ],
    [['\n\n'], ['', '']],
    [[], []],
    // A character that comes in two pieces.
    [['\u00c3', '\u00a9\n'], ['é']],
  ])('%j are %j', async (chunks, expected) => {
    expect(await linesOf(...chunks)).toStrictEqual(expected);
  });
});

describe('sparklines', () => {
  test.each([
    [[], ''],
    [[0, 0], '▁▁'],
    [[0, 7], '▁█'],
    [[1, 2, 4, 7], '▂▃▅█'],
    [[-7, 7], '██'],
  ])('%j is %j', (values, expected) => {
    expect(sparkline(values)).toBe(expected);
  });
});

describe('tables', () => {
  test('line up texts on the left and numbers on the right', () => {
    const rows = [
      ['eu', '5', '10 ms'],
      ['us-east', '12.5', '–'],
    ];
    expect(renderTable(['region', 'n', 'lag'], rows, { columns: 80, paint: plain })).toBe(
      'region      n    lag\neu          5  10 ms\nus-east  12.5      –\n',
    );
  });

  test('cut the widest column first where the terminal is narrow', () => {
    const rows = [['x'.repeat(50), 'short']];
    const lines = renderTable(['long', 'b'], rows, { columns: 30, paint: plain }).split('\n');
    expect(lines[1]).toBe(`${'x'.repeat(22)}…  short`);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(30);
  });

  test('without rows are a header', () => {
    expect(renderTable(['a', 'b'], [], { columns: 80, paint: plain })).toBe('a  b\n');
  });
});

describe('what telemetry holds', () => {
  test('cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\u202ec\n')).toBe('a·[2Jb·c·');
    expect(printable('grün 日本 🙂')).toBe('grün 日本 🙂');
  });

  test('is coloured only where colours are wanted', () => {
    expect(createPaint(false)('red', 'x')).toBe('x');
    expect(createPaint(true)('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  });
});

describe('diagnostics', () => {
  const at = (start: number, end: number, line: number, column: number): Diagnostic => ({
    severity: 'error',
    code: 'MQL_SYNTAX',
    message: 'wrong',
    span: { start, end, line, column },
  });

  test('show the line with a caret under the place, and the hint', () => {
    const diagnostic = { ...at(9, 13, 2, 3), hint: 'Did you mean FROM?' };
    expect(renderDiagnostics('select\n  fron x', [diagnostic], plain)).toBe(
      [
        'error: wrong [MQL_SYNTAX]',
        '  2:3 |   fron x',
        '      |   ^^^^',
        '  hint: Did you mean FROM?',
        '',
      ].join('\n'),
    );
  });

  test('point behind the end where something is missing', () => {
    expect(renderDiagnostics('select', [at(6, 6, 1, 7)], plain)).toContain(
      '  1:7 | select\n      |       ^\n',
    );
  });

  test('show the part of a long line that matters', () => {
    const query = `select ${'a'.repeat(300)} fron`;
    const text = renderDiagnostics(query, [at(308, 312, 1, 309)], plain);
    const [, line, caret] = text.split('\n');
    expect(line?.length).toBeLessThan(180);
    expect(line?.slice(caret?.indexOf('^'))).toBe('fron');
  });
});

const COMPLETE: Completeness = {
  status: 'complete',
  reasons: [],
  agents: { expected: 2, reporting: 2, missing: [] },
  events: { seen: 5, matched: 5, late: 0, dropped: {} },
  sampleFactor: 1,
  coveredMs: 1_000,
  traffic: 'flowing',
  source: 'live',
  engine: 'current',
  watermark: 0,
  emittedAt: 0,
};

describe('the verdict on a window', () => {
  test.each([
    [{}, 'complete · 2/2 agents'],
    [{ traffic: 'zero' as const }, 'complete · 2/2 agents · no traffic'],
    [
      {
        status: 'degraded' as const,
        reasons: ['agents-missing'],
        traffic: 'zero' as const,
        source: 'silent' as const,
        agents: { expected: 2, reporting: 0, missing: ['a@b', 'c\u001b@d'] },
      },
      'degraded · (agents-missing) · 0/2 agents · source silent · missing: a@b, c·@d',
    ],
    [
      { status: 'partial' as const, source: 'none' as const, engine: 'behind' as const },
      'partial · 2/2 agents · nobody offers this stream · engine behind',
    ],
  ])('%j reads %j', (changes, expected) => {
    expect(verdict({ ...COMPLETE, ...changes }, plain)).toBe(expected);
  });
});

describe('the live view', () => {
  const schema: SchemaMessage = {
    type: 'schema',
    query: 'q',
    canonical: 'SELECT count(*) AS n FROM s WINDOW 1000ms GROUP BY region',
    columns: [
      { name: 'window_start', type: 'number', role: 'window' },
      { name: 'window_end', type: 'number', role: 'window' },
      { name: 'region', type: 'string', role: 'key' },
      { name: 'n', type: 'number', role: 'value' },
    ],
    keys: ['region'],
    windowMs: 1_000,
    slideMs: 1_000,
    warnings: [],
  };

  const windowAt = (endMs: number, provisional = false): RowsMessage => ({
    type: 'rows',
    windowStart: endMs - 1_000,
    windowEnd: endMs,
    append: false,
    revision: 0,
    provisional,
    replay: false,
    part: 0,
    last: true,
    rows: [],
    completeness: COMPLETE,
  });

  function viewed(): LiveView {
    const view = new LiveView({ columns: 80, paint: plain });
    view.schema(schema);
    return view;
  }

  test('draws the newest window with the recent numbers of each group', () => {
    const view = viewed();
    view.window(windowAt(1_000), [{ region: 'eu', n: 1 }]);
    const picture = view.window(windowAt(2_000), [
      { region: 'eu', n: 2 },
      { region: 'us', n: null },
    ]);
    expect(picture).toBe('00:00:02  complete · 2/2 agents\nregion  n\neu      2  ▅█\nus      –\n');
  });

  test('says which windows were kept from before it began', () => {
    const view = viewed();
    const rows = [{ region: 'eu', n: 1 }];
    expect(view.window({ ...windowAt(1_000), replay: true }, rows)).toContain(
      '00:00:01 kept from before  complete',
    );
    expect(view.window(windowAt(2_000), rows)).toContain('00:00:02  complete');
  });

  test('keeps the newest window when an older one is amended, and previews out of the history', () => {
    const view = viewed();
    view.window(windowAt(2_000), [{ region: 'eu', n: 5 }]);
    expect(view.window(windowAt(1_000), [{ region: 'eu', n: 9 }])).toContain('eu      5  █');
    const preview = view.window(windowAt(3_000, true), [{ region: 'eu', n: 7 }]);
    expect(preview).toContain('00:00:03 so far');
    expect(preview).toContain('eu      7  █');
  });

  test('keeps groups in place from window to window, unless the query orders them', () => {
    const rows = ['h10', 'h9', 'h1'].map((region) => ({ region, n: 1 }));
    const places = (view: LiveView): string[] => view.window(windowAt(1_000), rows).match(/h\d+/g)!;
    expect(places(viewed())).toStrictEqual(['h1', 'h9', 'h10']);
    const ordered = viewed();
    ordered.schema({ ...schema, canonical: `${schema.canonical} ORDER BY n` });
    expect(places(ordered)).toStrictEqual(['h10', 'h9', 'h1']);
  });

  test('writes rows that are appended line by line', () => {
    expect(viewed().lines([{ a: 1.23456, b: 'x\ny', c: null, d: [1] }])).toBe(
      'a=1.23 b=x·y c=– d=[1]\n',
    );
  });
});
