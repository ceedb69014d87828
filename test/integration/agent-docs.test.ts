/** Programs in docs/agents.md that embed the library work when they are pasted. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SocketEngine } from '../support/socket-engine.ts';

const ROOT = join(import.meta.dirname, '../..');
const LIBRARY = pathToFileURL(join(ROOT, 'agents/index.ts')).href;
const IMPORT = "import { createAgent } from 'squilla/agent';";
const LINES_MAX = 18;
/** What stands behind each: until it is connected, and no longer. */
const ENDING = `
while (!agent.planned) await new Promise((resolve) => setTimeout(resolve, 5));
await agent.close('the example is over');
`;

const text = readFileSync(join(ROOT, 'docs/agents.md'), 'utf8');
const programs = [...text.matchAll(/```(?:ts|js)\n([\s\S]*?)```/g)]
  .map(([, program = '']) => program)
  // Programs that need other packages are tested where those are.
  .filter((program) => program.match(/^import .*$/gm)?.join('') === IMPORT);

let engine: SocketEngine;
const folder = mkdtempSync(join(tmpdir(), 'squilla-docs-'));

beforeAll(async () => {
  engine = await SocketEngine.listen();
});

afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The program against our engine and with the library as it stands here. */
function adapted(program: string): string {
  return program
    .replaceAll("'squilla/agent'", JSON.stringify(LIBRARY))
    .replaceAll(/'ws:\/\/[^']+'/g, JSON.stringify(engine.url))
    .replaceAll("'/tmp/checkout-spool'", JSON.stringify(join(folder, 'spool')));
}

describe('a program in docs/agents.md', () => {
  test.each(programs.map((program, i) => ({ title: program.split('\n').at(2) ?? '', program, i })))(
    'connects, says bye and ends: $title',
    async ({ i, program }) => {
      expect(program.split('\n').length).toBeLessThanOrEqual(LINES_MAX);
      const own = join(folder, String(i));
      mkdirSync(own);
      const file = join(own, 'program.mts');
      writeFileSync(file, adapted(program) + ENDING);
      const hellos = engine.hellos.length;
      const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: ROOT });
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      const code = await new Promise((resolve) => child.once('exit', resolve));
      expect({ code, printed }).toStrictEqual({ code: 0, printed: '' });
      expect(engine.hellos.length).toBe(hellos + 1);
      expect(engine.messages.at(-1)).toMatchObject({ type: 'bye' });
    },
    60_000,
  );

  test('there are some', () => {
    expect(programs.length).toBeGreaterThanOrEqual(4);
  });
});
