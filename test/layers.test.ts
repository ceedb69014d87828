/** Holds all code to the layers of scripts/layers.ts. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  allImports,
  folderCycle,
  importsOf,
  layerOf,
  LAYERS,
  violationOf,
} from '../scripts/layers.ts';
import { filesBelow, ROOT } from '../scripts/source-files.ts';

/** Every top-level folder has its place; a new one needs a rule first. */
const TOP_FOLDERS = ['src', 'grammar', 'agents', 'dashboard', 'bench', 'test', 'docs', 'scripts'];
const UNWATCHED_FOLDERS = ['node_modules', 'dist', 'coverage'];

describe('the code', () => {
  const imports = allImports();

  test('is there to be read', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  test('imports downwards only', () => {
    expect(imports.map(violationOf).filter((violation) => violation !== null)).toEqual([]);
  });

  test('has no circle of folders', () => {
    expect(folderCycle(imports)).toBeNull();
  });

  test('is in listed folders only', () => {
    const files = filesBelow('src', ['.ts', '.tsx']);
    expect(files.filter((path) => layerOf(path) === null)).toEqual([]);
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .filter((name) => !UNWATCHED_FOLDERS.includes(name));
    expect(folders.filter((name) => !TOP_FOLDERS.includes(name))).toEqual([]);
  });

  test('imports files that exist, by their full name', () => {
    const local = imports.filter(({ to }) => /^(?:src|grammar|agents|dashboard)\//.test(to));
    const known = new Set(
      ['src', 'grammar', 'agents', 'dashboard'].flatMap((folder) => filesBelow(folder, [''])),
    );
    expect(local.flatMap(({ from, to }) => (known.has(to) ? [] : [`${from}: ${to}`]))).toEqual([]);
  });
});

describe('the rules', () => {
  const cases = [
    { name: 'a lower layer may be imported', from: 'src/plan/a.ts', to: 'src/core/b.ts', ok: true },
    { name: 'the own layer may be imported', from: 'src/plan/a.ts', to: 'src/plan/b.ts', ok: true },
    { name: 'a higher layer may not', from: 'src/core/a.ts', to: 'src/plan/b.ts', ok: false },
    { name: 'config is below all', from: 'src/core/a.ts', to: 'src/config.ts', ok: true },
    { name: 'config imports nothing', from: 'src/config.ts', to: 'src/core/b.ts', ok: false },
    { name: 'main is above all', from: 'src/cli/a.ts', to: 'src/index.ts', ok: false },
    { name: 'an unlisted folder is out', from: 'src/cli/a.ts', to: 'src/misc/b.ts', ok: false },
    { name: 'analyze sees the grammar', from: 'src/analyze/a.ts', to: 'grammar/b.ts', ok: true },
    { name: 'edge does not', from: 'src/edge/a.ts', to: 'grammar/b.ts', ok: false },
    { name: 'edge has no Node', from: 'src/edge/a.ts', to: 'node:fs', ok: false },
    { name: 'kernel may', from: 'src/kernel/a.ts', to: 'node:os', ok: true },
    { name: 'grammar has no Node', from: 'grammar/a.ts', to: 'node:fs', ok: false },
    { name: 'grammar is a leaf', from: 'grammar/a.ts', to: 'src/core/b.ts', ok: false },
    { name: 'grammar parses with chevrotain', from: 'grammar/a.ts', to: 'chevrotain', ok: true },
    { name: 'and with nothing else', from: 'grammar/a.ts', to: 'yaml', ok: false },
    { name: 'agents see edge', from: 'agents/a.ts', to: 'src/edge/b.ts', ok: true },
    { name: 'agents do not see kernels', from: 'agents/a.ts', to: 'src/kernel/b.ts', ok: false },
    { name: 'agents use ws', from: 'agents/a.ts', to: 'ws', ok: true },
    { name: 'agents use no other package', from: 'agents/a.ts', to: 'pino', ok: false },
    { name: 'agents use Node', from: 'agents/a.ts', to: 'node:fs', ok: true },
    { name: 'pages have no Node', from: 'agents/browser/a.ts', to: 'node:fs', ok: false },
    { name: 'pages need no agent', from: 'agents/browser/a.ts', to: 'agents/b.ts', ok: false },
    { name: 'the cli starts agents', from: 'src/cli/a.ts', to: 'agents/b.ts', ok: true },
    { name: 'shards do not', from: 'src/shard/a.ts', to: 'agents/b.ts', ok: false },
    { name: 'the dashboard parses', from: 'dashboard/a.ts', to: 'grammar/b.ts', ok: true },
    { name: 'but runs no engine code', from: 'dashboard/a.ts', to: 'src/wire/b.ts', ok: false },
    { name: 'src needs no tests', from: 'src/cli/a.ts', to: 'test/b.ts', ok: false },
  ];
  test.each(cases)('$name', ({ from, to, ok }) => {
    expect(violationOf({ from, to, typeOnly: false }) === null).toBe(ok);
  });

  test('the dashboard may use types of src', () => {
    const edge = { from: 'dashboard/a.ts', to: 'src/wire/b.ts', typeOnly: true };
    expect(violationOf(edge)).toBeNull();
  });

  test('a circle of folders is named', () => {
    const edge = (from: string, to: string) => ({ from, to, typeOnly: false });
    const circle = [edge('src/core/a.ts', 'src/ir/a.ts'), edge('src/ir/b.ts', 'src/core/b.ts')];
    expect(folderCycle(circle)).toBe('src/core → src/ir → src/core');
  });

  test('no layer is listed twice', () => {
    expect(new Set(LAYERS.map(({ name }) => name)).size).toBe(LAYERS.length);
  });
});

describe('the reader of imports', () => {
  const text = [
    '/** Not an import: from "nowhere". */',
    "import { a } from './a.ts';",
    "import type { b } from '../ir/b.ts';",
    'import {',
    '  c,',
    "} from 'chevrotain';",
    "import './boot.ts';",
    "export { d } from '../d.ts';",
    "const e = await import('../late/e.ts');",
    "new Worker(new URL('./worker.js', import.meta.url));",
    "const url = new URL('http://127.0.0.1/x.js');",
    "const text = ' from ./f.ts';",
  ].join('\n');

  test('finds static, dynamic and worker imports, and nothing in prose', () => {
    const found = importsOf('src/core/file.ts', text);
    expect(found.map(({ to, typeOnly }) => (typeOnly ? `type ${to}` : to))).toEqual([
      'src/core/a.ts',
      'type src/ir/b.ts',
      'chevrotain',
      'src/d.ts',
      'src/core/boot.ts',
      'src/late/e.ts',
      'src/core/worker.ts',
    ]);
  });
});
