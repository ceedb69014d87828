/** One run of a program on this machine, without a shell, with bounded time and output. */
import { spawn } from 'node:child_process';

export interface ProgramAsk {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Beside `PATH`, `LANG` and `TZ`, all of the environment that it sees. */
  readonly env: Readonly<Record<string, string>>;
  /** Its standard input. */
  readonly input: string;
  readonly timeoutMs: number;
  /** So much of its standard error is read. */
  readonly outputMax: number;
}

export type ProgramEnd =
  | {
      /** Null: a signal ended it. */
      readonly code: number | null;
      readonly signal: string | null;
      readonly said: string;
    }
  /** It could not be started. */
  | { readonly code: undefined; readonly reason: string };

export type ProgramRun = (ask: ProgramAsk) => Promise<ProgramEnd>;

/** For what it wrote and was not read yet when it ended. */
const LAST_WORDS_MS = 200;

/** Never rejects. */
export const runProgram: ProgramRun = ({ command, env, input, timeoutMs, outputMax }) =>
  new Promise((resolve) => {
    const [program = '', ...args] = command;
    const { PATH = '', LANG = 'C.UTF-8', TZ } = process.env;
    const child = spawn(program, args, {
      env: { PATH, LANG, ...(TZ !== undefined && { TZ }), ...env },
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < outputMax) said += text;
    });
    // A program that does not read its input is no failure by itself.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => resolve({ code: undefined, reason: error.message }));
    child.on('close', (code, signal) => resolve({ code, signal, said }));
    // What it left running may hold its standard error for ever: that is not waited for.
    child.on('exit', (code, signal) => {
      setTimeout(() => {
        child.stderr.destroy();
        resolve({ code, signal, said });
      }, LAST_WORDS_MS);
    });
    child.stdin.end(input);
  });
