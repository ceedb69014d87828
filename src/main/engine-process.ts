/**
 * Process entry of the engine, a child of the supervisor: takes its options over IPC, runs until it
 * is told to drain or the supervisor is gone.
 */
import { assert } from '../core/assert.ts';
import { EngineError, ERRORS } from '../core/errors.ts';
import type { EngineToSupervisor, SupervisorToEngine } from './engine-options.ts';
import { useNativeRegex } from './native-regex.ts';
import { startEngine } from './start-engine.ts';
import type { RunningEngine } from './start-engine.ts';

assert(process.send !== undefined, () => 'the engine is started by its supervisor');

useNativeRegex();

let engine: RunningEngine | null = null;
let isStopping = false;

function tell(message: EngineToSupervisor, then?: () => void): void {
  // A supervisor that goes meanwhile is heard of by `disconnect`.
  if (process.connected) process.send?.(message, undefined, undefined, () => then?.());
  else then?.();
}

async function start(message: Extract<SupervisorToEngine, { type: 'start' }>): Promise<void> {
  try {
    engine = await startEngine(message.options, {
      sendDemo: tell,
      onLost: (reason) => void stop(reason, 1),
    });
    tell(engine.ready);
  } catch (error) {
    const code = error instanceof EngineError ? error.code : 'ENGINE_INTERNAL';
    const detail = error instanceof EngineError ? error.detail : String(error);
    tell({ type: 'failed', code, detail, remedy: ERRORS[code].remedy }, () => process.exit(1));
  }
}

async function stop(reason: string, exitCode = 0): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await engine?.drain(reason);
  process.exit(exitCode);
}

process.on('message', (message: SupervisorToEngine) => {
  switch (message.type) {
    case 'start':
      void start(message);
      break;
    case 'drain':
      void stop(message.reason);
      break;
    case 'drill':
      engine?.drill(message.shard);
      break;
    case 'demo-done':
      engine?.demoAnswered(message.request, message.answer);
      break;
  }
});
// Without its supervisor nobody would ever stop this process.
process.on('disconnect', () => void stop('the supervisor is gone'));
// The supervisor decides; a terminal's Ctrl-C does not reach this group anyway.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop('the engine was stopped'));
