/** The bare sender in a process of its own, as the engine is. */
import { Child } from '../harness/child.ts';
import { cpuSecondsOf } from '../harness/process-usage.ts';

export interface BareOrder {
  /** Of each client. */
  readonly subscriptions: number;
  readonly windowMs: number;
  /** Of the engine in the same run. */
  readonly bytesPerMessage: number;
}

export interface BareSenderUnderTest {
  readonly port: number;
  readonly cpuSeconds: number;
  stop(): Promise<void>;
}

export async function startBareSender(order: BareOrder): Promise<BareSenderUnderTest> {
  const entry = new URL('./bare-sender.js', import.meta.url);
  const child = new Child<BareOrder, { readonly type: 'ready'; readonly port: number }>(
    entry,
    'bare sender',
  );
  child.send(order);
  const { port } = await child.next('ready');
  return {
    port,
    get cpuSeconds() {
      return cpuSecondsOf(child.pid);
    },
    stop: () => child.end(),
  };
}
