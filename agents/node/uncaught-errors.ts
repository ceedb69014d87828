/**
 * Errors that nobody caught, on `node.errors`. They are watched and not handled: what they do to
 * the process stays as it was. If that is its end, what the agent holds is sent in the same turn,
 * for there is no other.
 */
import type { Agent } from '../agent.ts';

const TEXT_LENGTH_MAX = 4_096;

export function watchErrors(agent: Agent): () => void {
  const stream = agent.stream('node.errors');
  const listener = (error: unknown, origin: string): void => {
    try {
      const isFatal = !isHandled();
      stream.publish(() => ({ kind: origin, fatal: isFatal, ...factsOf(error) }));
      // Sealed and written to the socket before this returns; see AgentSession.
      if (isFatal) void agent.close('an error that nobody caught');
    } catch {
      // The error itself is what matters, and goes its way.
    }
  };
  process.on('uncaughtExceptionMonitor', listener);
  return () => process.off('uncaughtExceptionMonitor', listener);
}

function isHandled(): boolean {
  if (process.listenerCount('uncaughtException') > 0) return true;
  return process.hasUncaughtExceptionCaptureCallback();
}

function factsOf(error: unknown): object {
  if (!(error instanceof Error)) {
    return { name: typeof error, message: cut(String(error)), code: null, stack: null };
  }
  const { code } = error as NodeJS.ErrnoException;
  const stack = error.stack === undefined ? null : cut(error.stack);
  return { name: error.name, message: cut(error.message), code: code ?? null, stack };
}

function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? text.slice(0, TEXT_LENGTH_MAX) : text;
}
