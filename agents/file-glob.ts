/**
 * Files that a pattern names: in each part of the path `*` stands for any run of characters and `?`
 * for one; a part `**` for any folders. What begins with a dot is named only by what does so too.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';

/** Folders below a `**` that are looked into, so that a loop of links ends. */
const DEPTH_MAX = 16;

export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

/** In order of their names; at most `filesMax`. */
export async function filesOf(pattern: string, filesMax: number): Promise<readonly string[]> {
  const parts = pattern.split(sep).filter((part) => part !== '');
  // All files below, and not only folders.
  if (parts.at(-1) === '**') parts.push('*');
  const found = new Set<string>();
  await walk({ parts, found, filesMax }, isAbsolute(pattern) ? sep : '', 0, 0);
  return [...found].toSorted();
}

interface Walk {
  readonly parts: readonly string[];
  readonly found: Set<string>;
  readonly filesMax: number;
}

async function walk(looking: Walk, folder: string, at: number, depth: number): Promise<void> {
  const { parts, found, filesMax } = looking;
  const part = parts[at];
  if (part === undefined || found.size >= filesMax) return;
  const isLast = at === parts.length - 1;
  if (part === '**') {
    await walk(looking, folder, at + 1, depth);
    if (depth >= DEPTH_MAX) return;
    for (const entry of await entriesOf(folder)) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      await walk(looking, join(folder, entry.name), at, depth + 1);
    }
    return;
  }
  if (!isLast && !isPattern(part)) return walk(looking, join(folder, part), at + 1, depth);
  const matches = matcherOf(part);
  for (const entry of await entriesOf(folder)) {
    if (!matches(entry.name) || found.size >= filesMax) continue;
    const path = join(folder, entry.name);
    if (!isLast) await walk(looking, path, at + 1, depth);
    else if (!entry.isDirectory()) found.add(path);
  }
}

/** A folder that is not there, or not ours to read, holds nothing. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder === '' ? '.' : folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Without a regular expression: a pattern of many stars must not take for ever. */
function matcherOf(part: string): (name: string) => boolean {
  return (name) => {
    if (name.startsWith('.') && !part.startsWith('.')) return false;
    let at = 0;
    let star = -1;
    let resume = 0;
    let i = 0;
    while (i < name.length) {
      if (at < part.length && (part[at] === '?' || (part[at] === name[i] && part[at] !== '*'))) {
        at++;
        i++;
      } else if (part[at] === '*') {
        star = at++;
        resume = i;
      } else if (star >= 0) {
        at = star + 1;
        i = ++resume;
      } else return false;
    }
    while (part[at] === '*') at++;
    return at === part.length;
  };
}
