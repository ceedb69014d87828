/** Picks what serves the ingest port: uWebSockets.js where its verified binary loads, else ws. */
import { EngineError } from '../core/errors.ts';
import type { IngestTransport } from './ingest-transport.ts';
import { loadUws } from './uws-binary.ts';

/** @throws EngineError ENGINE_NO_TRANSPORT if uWebSockets.js is insisted on and does not load. */
export async function chooseTransport(choice: 'auto' | 'uws' | 'ws'): Promise<IngestTransport> {
  if (choice === 'ws') return wsTransport('asked for');
  const loaded = loadUws();
  if (!loaded.ok) {
    if (choice === 'auto') return wsTransport(loaded.error);
    throw new EngineError('ENGINE_NO_TRANSPORT', loaded.error);
  }
  const { listenUws } = await import('./uws-transport.ts');
  return {
    name: 'uws',
    reason: choice === 'uws' ? 'asked for' : 'its verified binary loads',
    listen: (options, handlers) => listenUws(loaded.value, options, handlers),
  };
}

async function wsTransport(reason: string): Promise<IngestTransport> {
  const { listenWs } = await import('./ws-transport.ts');
  return { name: 'ws', reason, listen: listenWs };
}
