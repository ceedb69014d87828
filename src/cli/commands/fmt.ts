/** `squilla fmt`: lays queries out, from files or standard input. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { format } from '../../../grammar/format.ts';
import { QUERY_BYTES_MAX } from '../../../grammar/limits.ts';
import type { CliContext } from '../context.ts';
import { renderDiagnostics } from '../diagnostics-text.ts';
import type { FmtFlags } from '../flags.ts';
import { createPaint } from '../paint.ts';

/** A query is at most so long; reading stops soon behind that. */
const READ_BYTES_MAX = 2 * QUERY_BYTES_MAX;

export async function fmtCommand(
  files: readonly string[],
  flags: FmtFlags,
  context: CliContext,
): Promise<number> {
  let failed = false;
  for (const file of files.length === 0 ? ['-'] : files) {
    const isGood = await formatOne(file, flags, context);
    failed ||= !isGood;
  }
  return failed ? 1 : 0;
}

async function formatOne(file: string, flags: FmtFlags, context: CliContext): Promise<boolean> {
  const name = file === '-' ? 'standard input' : file;
  const text = await readAll(file, context);
  if (text === null) return false;
  const { text: formatted, diagnostics } = format(text);
  if (formatted === null) {
    context.err(`${name}:\n${renderDiagnostics(text, diagnostics, createPaint(context.colors))}`);
    return false;
  }
  const laid = `${formatted}\n`;
  if (flags.check === true) {
    if (laid !== text) context.err(`${name}: not formatted\n`);
    return laid === text;
  }
  if (flags.write !== true || file === '-') context.out(laid);
  else if (laid !== text) return write(file, laid, context);
  return true;
}

/** Null: it cannot be read, which was said. */
async function readAll(file: string, context: CliContext): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of file === '-' ? context.readStdin() : createReadStream(file)) {
      chunks.push(chunk as Uint8Array);
      bytes += chunk.length;
      if (bytes > READ_BYTES_MAX) break;
    }
  } catch (error) {
    context.err(`${file}: ${messageOf(error)}\n`);
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function write(file: string, text: string, context: CliContext): Promise<boolean> {
  try {
    await writeFile(file, text);
    return true;
  } catch (error) {
    context.err(`${file}: ${messageOf(error)}\n`);
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
