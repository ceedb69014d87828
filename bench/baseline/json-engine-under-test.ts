/** The baseline in a process of its own, as the engine is. */
import { Child } from '../harness/child.ts';
import { cpuSecondsOf } from '../harness/process-usage.ts';

export interface JsonEngineUnderTest {
  readonly port: number;
  readonly cpuSeconds: number;
  stop(): Promise<void>;
}

export async function startJsonEngine(): Promise<JsonEngineUnderTest> {
  const entry = new URL('./json-engine.js', import.meta.url);
  const child = new Child<never, { readonly type: 'ready'; readonly port: number }>(entry, 'json');
  const { port } = await child.next('ready');
  return {
    port,
    get cpuSeconds() {
      return cpuSecondsOf(child.pid);
    },
    stop: () => child.end(),
  };
}
