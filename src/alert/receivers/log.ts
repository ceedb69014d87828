/**
 * The engine's own log: for a first look at pages without anybody else's service, and beside other
 * receivers where logs are gathered.
 */
import type { Notification } from '../notify/notification.ts';
import type { Delivery, ReceiverKind } from './contract.ts';
import { linesOf, titleOf } from './page.ts';

const ALERTS_SHOWN = 10;

export const LOG: ReceiverKind = {
  type: 'log',
  read: () => (parts) => ({
    deliver: (notification): Promise<Delivery> => {
      parts.log(titleOf(notification), fieldsOf(notification));
      return Promise.resolve({ outcome: 'taken', note: 'written to the log of the engine' });
    },
  }),
};

function fieldsOf({ receiver, reason, incident, alerts }: Notification): Record<string, unknown> {
  const pages = alerts
    .slice(0, ALERTS_SHOWN)
    .map((alert) => Object.fromEntries(linesOf(alert).map(({ name, text }) => [name, text])));
  return { receiver, reason, incident, alerts: pages };
}
