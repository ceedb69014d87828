/** The numbers of those who read results, in the engine's counters. */
import type { Gateway } from '../gateway/gateway.ts';
import { slotOf } from '../telemetry/counters.ts';
import type { CounterBlock } from '../telemetry/counters.ts';

export function copyClientTotals(
  { clientCount, counters }: Pick<Gateway, 'clientCount' | 'counters'>,
  block: CounterBlock,
): void {
  block.set(slotOf('squilla_live_clients'), clientCount);
  block.set(slotOf('squilla_refused_connections_total'), counters.refusedConnections);
  block.set(slotOf('squilla_conflated_messages_total'), counters.conflated);
  block.set(slotOf('squilla_dropped_messages_total'), counters.dropped);
  block.set(slotOf('squilla_slow_clients_total'), counters.slowClients);
}
