/**
 * The layers of Squilla, lowest first, and the rules of who may import whom. A file may import its
 * own layer and lower ones, never a higher one. `test/layers.test.ts` holds all code to it, and the
 * table in ARCHITECTURE.md is generated from it (`npm run docs`).
 */
import { posix } from 'node:path';
import { filesBelow, readText } from './source-files.ts';

export interface Layer {
  /** Folder below src; `config` also has a file, and `main` some, at its root. */
  readonly name: string;
  readonly owns: string;
}

export const LAYERS: readonly Layer[] = [
  layer('config', 'every setting and limit: default, unit, bounds'),
  layer('core', 'results, assertions, coded errors, the clock, seeded randomness'),
  layer('telemetry', 'the catalogue of signals and counters in shared memory'),
  layer('model', 'values and their order, batches of columns, group keys'),
  layer('ir', 'expression trees and plans as data'),
  layer('sketch', 'mergeable summaries with a stated error'),
  layer('aggregate', 'one aggregate function a file: empty, add, merge, result'),
  layer('expr', 'expressions over one event: functions, compiled rows, reference'),
  layer('wire', 'frames, messages and results as they travel'),
  layer('translate', 'what others send, as events: OTLP, Prometheus, statsd, syslog'),
  layer('window', 'windows, panes, watermarks'),
  layer('edge', 'what runs inside an agent: filter, project and aggregate at the source'),
  layer('kernel', 'columns at a time: vectorised expressions in shards'),
  layer('series', 'one function over windows a file: expect, learn, result'),
  layer('operator', 'one operator a file, over batches'),
  layer('analyze', 'names, types and bounds of a parsed query'),
  layer('plan', 'logical plan, optimizer rules, stages, explain'),
  layer('reference', 'the naive interpreter that all else must agree with'),
  layer('compile', 'plan to running operators'),
  layer('observe', 'log, latencies, Prometheus text'),
  layer('store', 'what survives a restart'),
  layer('outbound', 'requests that the engine makes of others, guarded and bounded'),
  layer('shard', 'worker threads that own connections and evaluate'),
  layer('coordinator', 'queries, roster, watermarks, merge, completeness, ledger'),
  layer('alert', 'rules, policies, receivers'),
  layer('board', 'boards and annotations of the dashboard'),
  layer('gateway', 'HTTP, WebSocket, SSE, access'),
  layer('client', 'connect to an engine from a program'),
  layer('cli', 'the `squilla` command'),
  layer('main', 'the engine put together, and the public entry points'),
];

/**
 * Layers up to here run in agents and browsers too: no `node:` module, and agents may import them.
 */
const PORTABLE_THROUGH = 'edge';
/** Layers from here on may import `grammar/`. */
const GRAMMAR_FROM = 'analyze';
/** Layers from here on may import `agents/`, to start one. */
const AGENTS_FROM = 'cli';

/** Packages each folder beside src may import. Null: any. */
const PACKAGES: Readonly<Record<string, readonly RegExp[] | null>> = {
  grammar: [/^chevrotain$/],
  agents: [/^ws$/, /^re2js$/],
  dashboard: [
    /^preact(?:\/|$)/,
    /^@preact\/signals$/,
    /^uplot(?:\/|$)/,
    /^@tanstack\/virtual-core$/,
    /^@(?:codemirror|lezer)\//,
  ],
};

export interface Import {
  readonly from: string;
  /** Path of a file of the project, `node:…`, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const STATIC_IMPORT = /^(?:import|export)\b(\s+type\b)?[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const BARE_IMPORT = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]/g;
const ENTRY_URL = /\bnew URL\(\s*['"](\.[^'"]+\.(?:tsx?|js))['"],\s*import\.meta\.url/g;

/**
 * Every import of one file, static and dynamic, worker entries included. A worker's address names
 * the compiled file (tsc does not rewrite it); here it stands for its source.
 */
export function importsOf(from: string, text: string): Import[] {
  const resolve = (to: string): string =>
    to.startsWith('.') ? posix.join(posix.dirname(from), to) : to;
  return [
    ...[...text.matchAll(STATIC_IMPORT)].map((match) => ({
      from,
      to: resolve(match[2] ?? ''),
      typeOnly: match[1] !== undefined,
    })),
    ...[BARE_IMPORT, DYNAMIC_IMPORT, ENTRY_URL]
      .flatMap((pattern) => [...text.matchAll(pattern)])
      .map((match) => resolve(match[1] ?? ''))
      .map((to) => ({
        from,
        to: to.replace(/^(src|agents)(\/.*)\.js$/, '$1$2.ts'),
        typeOnly: false,
      })),
  ];
}

/** Name of the layer of a file below src; null: its folder is not listed. */
export function layerOf(path: string): string | null {
  const [, folder = '', ...rest] = path.split('/');
  const name = rest.length > 0 ? folder : folder === 'config.ts' ? 'config' : 'main';
  return LAYERS.some((candidate) => candidate.name === name) ? name : null;
}

/** What is wrong with an import, as a sentence; null: nothing. */
export function violationOf({ from, to, typeOnly }: Import): string | null {
  const top = from.split('/')[0] ?? '';
  const target = to.split('/')[0] ?? '';
  const complain = (why: string): string => `${from} imports ${to}: ${why}`;
  if (to.startsWith('node:')) {
    const portable = top === 'grammar' || (top === 'src' && isPortable(from));
    if (portable) return complain('no Node module here, it runs in agents and browsers too');
    const isPage = top === 'dashboard' || from.startsWith('agents/browser/');
    return isPage && !from.endsWith('.config.ts')
      ? complain('a browser has no Node modules')
      : null;
  }
  const rule = RULES[top];
  if (rule === undefined) return null;
  const why = ['src', 'grammar', 'agents', 'dashboard', 'bench', 'test', 'scripts'].includes(target)
    ? rule(from, to, typeOnly)
    : packageRule(top, from, to);
  return why === null ? null : complain(why);
}

type Rule = (from: string, to: string, typeOnly: boolean) => string | null;

const RULES: Readonly<Record<string, Rule>> = {
  src: srcRule,
  grammar: (_, to) => (to.startsWith('grammar/') ? null : 'grammar is a leaf'),
  agents: (from, to) => {
    const own = from.startsWith('agents/browser/') ? 'agents/browser/' : 'agents/';
    if (to.startsWith(own) || (to.startsWith('src/') && isPortable(to))) return null;
    return `agents import src up to ${PORTABLE_THROUGH} only`;
  },
  dashboard: (_, to, typeOnly) => {
    if (to.startsWith('dashboard/') || to.startsWith('grammar/')) return null;
    return to.startsWith('src/') && typeOnly ? null : 'the dashboard imports types of src only';
  },
};

function srcRule(from: string, to: string): string | null {
  const own = rankOf(layerOf(from));
  if (to.startsWith('grammar/')) {
    return own >= rankOf(GRAMMAR_FROM) ? null : `only ${GRAMMAR_FROM} and above see the grammar`;
  }
  if (to.startsWith('agents/')) {
    return own >= rankOf(AGENTS_FROM) ? null : `only ${AGENTS_FROM} and above start agents`;
  }
  if (!to.startsWith('src/')) return 'src does not import this folder';
  return rankOf(layerOf(to)) <= own ? null : 'that layer is higher';
}

function packageRule(top: string, from: string, to: string): string | null {
  const allowed = PACKAGES[top];
  if (allowed === undefined || allowed === null || from.endsWith('.config.ts')) return null;
  return allowed.some((pattern) => pattern.test(to)) ? null : `${top} does not use this package`;
}

function isPortable(path: string): boolean {
  return rankOf(layerOf(path)) <= rankOf(PORTABLE_THROUGH);
}

/** An unlisted folder ranks above all, so nothing may import it. */
function rankOf(name: string | null): number {
  const rank = LAYERS.findIndex((candidate) => candidate.name === name);
  return rank === -1 ? LAYERS.length : rank;
}

/** Folders that import each other in a circle, e.g. `src/a → src/b → src/a`; null: none. */
export function folderCycle(imports: readonly Import[]): string | null {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [start, end] = [folderOf(from), folderOf(to)];
    if (!isCode(to) || start === end) continue;
    edges.set(start, (edges.get(start) ?? new Set()).add(end));
  }
  const finished = new Set<string>();
  const visit = (folder: string, path: readonly string[]): string | null => {
    const at = path.indexOf(folder);
    if (at !== -1) return [...path.slice(at), folder].join(' → ');
    if (finished.has(folder)) return null;
    for (const next of edges.get(folder) ?? []) {
      const cycle = visit(next, [...path, folder]);
      if (cycle !== null) return cycle;
    }
    finished.add(folder);
    return null;
  };
  for (const folder of edges.keys()) {
    const cycle = visit(folder, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** `src/<layer>`, or the top folder for the rest, whose own folders may know each other. */
function folderOf(path: string): string {
  return path.startsWith('src/') ? `src/${layerOf(path) ?? '?'}` : (path.split('/')[0] ?? '');
}

function isCode(path: string): boolean {
  return /^(?:src|grammar|agents|dashboard)\//.test(path);
}

/** All code that layers bind, and what it imports. */
export function allImports(): Import[] {
  return ['src', 'grammar', 'agents', 'dashboard']
    .flatMap((folder) => filesBelow(folder, ['.ts', '.tsx']))
    .flatMap((path) => importsOf(path, readText(path)));
}

/** Markdown for ARCHITECTURE.md. */
export function layerTable(): string {
  const rows = LAYERS.map(({ name, owns }, rank) => {
    const where =
      name === 'config'
        ? '{config.ts,config/}'
        : name === 'main'
          ? '{main/,index.ts,bin.ts}'
          : `${name}/`;
    const portable = rank <= rankOf(PORTABLE_THROUGH) ? 'yes' : '';
    return `| ${rank + 1} | \`src/${where}\` | ${owns} | ${portable} |`;
  });
  return ['| # | layer | owns | also in agents and browsers |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function layer(name: string, owns: string): Layer {
  return { name, owns };
}
