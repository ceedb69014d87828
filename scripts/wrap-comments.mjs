/**
 * The part of `npm run format` that oxfmt leaves out: comments wider than 100 columns. The words
 * that stick out move to the start of the paragraph's next line, or to a line of their own if the
 * paragraph ends there. Nothing else changes, so a second run does nothing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const FOLDERS = ['src', 'grammar', 'agents', 'dashboard', 'bench', 'test', 'scripts'];
const COLUMNS_MAX = 100;
/** Addresses, and directives that bind to the line below. */
const UNTOUCHABLE = /https?:\/\/|oxlint-disable|@ts-/;

/**
 * Indent and mark, then the text: ` * text`, `// text`, `/** text`, with list marks as part of it.
 */
const COMMENT = /^(\s*(?:\*|\/\/|\/\*\*)\s+)(\S.*)$/;
/** `// ---- Heading -------`: its line of dashes ends at the margin. */
const HEADING = /^(\s*\/\/ -+ .+?)-{10,}$/;
const ONE_LINE_BLOCK = /^(\s*)\/\*\* (.*) \*\/$/;

const width = (line) => [...line].length;

/** Lines that may take over words from the line above: the same paragraph goes on. */
function continues(line, indent) {
  const match = COMMENT.exec(line ?? '');
  if (match === null || match[2].startsWith('*/') || /^(?:[-*·@#|`]|\d+\.)/.test(match[2]))
    return false;
  return match[1].replace('/**', ' *') === indent;
}

function wrap(text) {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    if (width(lines[at]) <= COLUMNS_MAX || UNTOUCHABLE.test(lines[at])) continue;
    if (HEADING.test(lines[at])) {
      lines[at] = lines[at].slice(0, COLUMNS_MAX);
      continue;
    }
    const block = ONE_LINE_BLOCK.exec(lines[at]);
    if (block !== null) {
      lines.splice(at, 1, `${block[1]}/**`, `${block[1]} * ${block[2]}`, `${block[1]} */`);
      continue;
    }
    const comment = COMMENT.exec(lines[at]);
    if (comment === null || comment[2].includes('*/')) continue;
    const indent = comment[1].replace('/**', ' *');
    const words = lines[at].split(' ');
    const moved = [];
    while (width(words.join(' ')) > COLUMNS_MAX) moved.unshift(words.pop());
    if (words.join(' ').trim() === comment[1].trim()) continue;
    lines[at] = words.join(' ');
    const next = lines[at + 1];
    const rest = continues(next, indent) ? ` ${next.slice(indent.length)}` : '';
    lines.splice(at + 1, rest === '' ? 0 : 1, `${indent}${moved.join(' ')}${rest}`);
  }
  return lines.join('\n');
}

function* sources(folder) {
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (/\.(?:tsx?|mjs)$/.test(entry.name) && !entry.name.includes('.gen.')) yield file;
  }
}

const chosen = process.argv.slice(2).map((file) => path.resolve(file));
const files =
  chosen.length > 0 ? chosen : FOLDERS.flatMap((name) => [...sources(path.join(ROOT, name))]);
for (const file of files) {
  const before = fs.readFileSync(file, 'utf8');
  const after = wrap(before);
  if (after !== before) fs.writeFileSync(file, after);
}
