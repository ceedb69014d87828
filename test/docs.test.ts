/** Holds documents and code to each other, in both directions. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DIAGRAMS, generatedFiles, generatedParts, withPart } from '../scripts/docs.ts';
import { filesBelow, readText, ROOT } from '../scripts/source-files.ts';
import { ANALYSIS_CODES } from '../src/analyze/codes.ts';
import { ERRORS } from '../src/core/errors.ts';
import { DROP_REASONS, SIGNALS } from '../src/telemetry/signals.ts';

/** Documents a newcomer or an operator relies on. */
const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'LICENSE',
  'docs/cli.md',
  'docs/configuration.md',
  'docs/errors.md',
  'docs/glossary.md',
  'docs/grammar.md',
  'docs/language.md',
  'docs/metrics.md',
  'docs/operations.md',
  'docs/reliability.md',
];

interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readText('package.json')) as Manifest;
const markdown = filesBelow('.', ['.md']).map((path) => ({ path, text: readText(path) }));
const sources = ['src', 'grammar', 'agents']
  .flatMap((folder) => filesBelow(folder, ['.ts']))
  .map((path) => ({ path, text: readText(path) }));

function textOf(path: string): string {
  return markdown.find((document) => document.path === path)?.text ?? '';
}

/** Distinct matches of the pattern's first group, or of all of it. */
function found(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map((match) => match[1] ?? match[0]));
}

function missingFrom(have: ReadonlySet<string>, wanted: Iterable<string>): string[] {
  return [...wanted].filter((item) => !have.has(item)).sort();
}

describe('documents', () => {
  test.each(DOCUMENTS)('%s exists', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });

  test('the diagrams are those of the grammar, and no others (npm run docs)', () => {
    const files = generatedFiles();
    const stale = files.filter(({ file, content }) => {
      const path = join(ROOT, file);
      return !existsSync(path) || readText(file) !== content;
    });
    expect(stale.map(({ file }) => file)).toEqual([]);
    expect(filesBelow(DIAGRAMS, ['.svg']).toSorted()).toEqual(
      files.map(({ file }) => file).toSorted(),
    );
  });

  test.each(generatedParts())('$file has the $name of the code (npm run docs)', (part) => {
    const text = textOf(part.file);
    expect(withPart(text, part)).toBe(text);
  });

  test('have a title, and links that lead somewhere', () => {
    expect(markdown.filter(({ text }) => !text.startsWith('# ')).map(({ path }) => path)).toEqual(
      [],
    );
    const broken = markdown.flatMap(({ path, text }) =>
      [...found(withoutCode(text), /\]\(([^)\s]+)(?:\s[^)]*)?\)/g)]
        .filter((link) => !isReachable(path, link))
        .map((link) => `${path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test('name only tests that exist', () => {
    const named = markdown.flatMap(({ path, text }) =>
      [...found(text, /`(test\/[\w/.-]+\.test\.ts)`/g)].map((file) => ({ path, file })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  test('each promise has tests, each with a title that its file has', () => {
    const [, section = ''] = textOf('docs/reliability.md').split('## Promises');
    const [table = ''] = section.split('\n## ');
    const rows = table.split('\n').filter((line) => line.includes('`test/'));
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) {
      const named = [...row.matchAll(/`(test\/[\w/.-]+\.test\.ts)`((?: “[^”]+”)*)/g)];
      expect(named, row).not.toEqual([]);
      for (const [, file = '', told = ''] of named) {
        const titles = found(told, /“([^”]+)”/g);
        expect(titles.size, `${file} in: ${row}`).toBeGreaterThan(0);
        for (const title of titles) {
          expect(readText(file), `${file} has “${title}”`).toContain(title);
        }
      }
    }
  });

  test('each complaint has its number once, and tests of the titles that are told', () => {
    const [, section = ''] = textOf('docs/reliability.md').split('## What goes wrong elsewhere');
    const [table = ''] = section.split('\n## ');
    const rows = [...table.matchAll(/^\| (\d+) \|.*$/gm)];
    expect(rows.map((row) => Number(row[1]))).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
    for (const [row] of rows) {
      const held = [...row.matchAll(/`(test\/[\w/.-]+\.test\.ts)` “([^”]+)”/g)];
      expect(held, row).not.toEqual([]);
      for (const [, file = '', title = ''] of held) {
        expect(readText(file), `${file} has “${title}”`).toContain(`'${title}'`);
      }
    }
  });

  test('the changelog begins with the version of the package', () => {
    const versions = found(textOf('CHANGELOG.md'), /^## \[?(\d+\.\d+\.\d+)/gm);
    expect([...versions][0]).toBe(manifest.version);
  });
});

describe('error codes', () => {
  const documented = found(textOf('docs/errors.md'), /`((?:MQL|WIRE|LIMIT|ENGINE)_[A-Z0-9_]+)`/g);
  const faults = Object.keys(ERRORS);
  const analysis = Object.keys(ANALYSIS_CODES);
  const inGrammar = usedCodes(['grammar/'], 'MQL');
  const inAnalyzer = usedCodes(['src/'], 'MQL');

  test('every code has a row in docs/errors.md', () => {
    expect(missingFrom(documented, [...faults, ...analysis, ...inGrammar])).toEqual([]);
  });

  test('every row is a code', () => {
    const known = new Set([...faults, ...analysis, ...inGrammar]);
    expect(missingFrom(known, documented)).toEqual([]);
  });

  test('the analyzer uses no code outside its catalogue or the grammar', () => {
    expect(missingFrom(new Set([...analysis, ...inGrammar]), inAnalyzer)).toEqual([]);
  });

  test('every code of the analyzer can occur', () => {
    expect(missingFrom(inAnalyzer, analysis)).toEqual([]);
  });

  test('every fault can occur, and there are no others', () => {
    const used = new Set(
      ['ENGINE', 'LIMIT', 'WIRE'].flatMap((kind) => [...usedCodes(['src/', 'agents/'], kind)]),
    );
    expect(missingFrom(used, faults)).toEqual([]);
    expect(missingFrom(new Set(faults), used)).toEqual([]);
  });
});

describe('metrics', () => {
  const documented = textOf('docs/metrics.md');

  test('are all known to the catalogue', () => {
    const named = found(documented, /`(squilla_[a-z0-9_]+)`/g);
    expect(missingFrom(new Set(Object.keys(SIGNALS)), named)).toEqual([]);
  });

  test('code names no signal outside the catalogue', () => {
    const used = sources
      .filter(({ path }) => path !== 'src/telemetry/signals.ts')
      .flatMap(({ text }) => [...found(text, /['"](squilla_[a-z0-9_]+)['"]/g)]);
    expect(missingFrom(new Set(Object.keys(SIGNALS)), new Set(used))).toEqual([]);
  });

  test('every signal is counted somewhere', () => {
    const code = sources.filter(({ path }) => path !== 'src/telemetry/signals.ts');
    const text = code.map((source) => source.text).join('\n');
    const idle = Object.keys(SIGNALS).filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
    expect(idle).toEqual([]);
  });

  test('code drops for no reason outside the catalogue', () => {
    const used = sources.flatMap(({ text }) => [
      ...found(text, /\b(?:drop|countDrop|dropped)\(\s*(?:[\w.]+,\s*)?'(\w+)'/g),
    ]);
    expect(used.length).toBeGreaterThan(0);
    expect(missingFrom(new Set(Object.keys(DROP_REASONS)), new Set(used))).toEqual([]);
  });

  test('every drop reason is explained', () => {
    const named = found(documented, /^\| `([a-zA-Z_]+)` \| [A-Z]/gm);
    expect(missingFrom(named, Object.keys(DROP_REASONS))).toEqual([]);
  });
});

describe('commands', () => {
  const blocks = markdown.flatMap(({ path, text }) =>
    [...text.matchAll(/```(?:sh|bash|console)\n([\s\S]*?)```/g)].map((match) => ({
      path,
      text: match[1] ?? '',
    })),
  );
  const spans = markdown.flatMap(({ path, text }) =>
    [...found(text, /`((?:npm|squilla)\s[^`\n]+)`/g)].map((span) => ({ path, text: span })),
  );

  test('npm scripts that documents name exist', () => {
    const named = [...blocks, ...spans].flatMap(({ path, text }) =>
      [...found(text, /\bnpm (?:run (?:-s )?([\w:-]+)|(?:start|test)\b)/g)].map((script) => ({
        path,
        script: script.replace(/^npm /, ''),
      })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ script }) => !(script in manifest.scripts))).toEqual([]);
  });

  test('commands of squilla that documents name exist', () => {
    const commands = new Set(
      sources
        .filter(({ path }) => path.startsWith('src/cli/'))
        .flatMap(({ text }) => [
          ...found(text, /(?:\.command\(|new Command\(|createCommand\()\s*['"]([\w-]+)/g),
        ]),
    );
    const named = [...blocks, ...spans].flatMap(({ path, text }) =>
      [...found(text, /(?:^|[;&|]\s*|\$ )(?:npx )?squilla ([a-z]+)/gm)].map((command) => ({
        path,
        command,
      })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ command }) => !commands.has(command))).toEqual([]);
  });

  test('a newcomer needs two commands', () => {
    const readme = textOf('README.md');
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm ci && npm test');
  });
});

/** Codes of one kind that occur as text in code below the folders, catalogues left out. */
function usedCodes(folders: readonly string[], kind: string): Set<string> {
  const catalogues = new Set(['src/core/errors.ts', 'src/analyze/codes.ts']);
  const texts = sources
    .filter(({ path }) => folders.some((folder) => path.startsWith(folder)))
    .filter(({ path }) => !catalogues.has(path))
    .map(({ text }) => text);
  return found(texts.join('\n'), new RegExp(`['"](${kind}_[A-Z0-9_]+)['"]`, 'g'));
}

function withoutCode(text: string): string {
  return text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
}

function isReachable(path: string, link: string): boolean {
  if (/^(?:https?|mailto):/.test(link)) return true;
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path : join(dirname(path), file);
  if (!existsSync(join(ROOT, target))) return false;
  if (anchor === undefined || !target.endsWith('.md')) return true;
  return headingAnchors(textOf(target)).has(anchor);
}

/** As GitHub makes them of headings. */
function headingAnchors(text: string): Set<string> {
  const headings = [...found(withoutCode(text), /^#+ (.+)$/gm)];
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}
