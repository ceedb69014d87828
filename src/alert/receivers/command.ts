/**
 * A program on this machine, with the notification as JSON on its standard input. No shell is
 * involved, and nothing of an alert becomes an argument. Only files can configure it, never the
 * API.
 */
import type { Notification } from '../notify/notification.ts';
import type { Delivery, ReceiverKind, ReceiverParts } from './contract.ts';
import { cloudEvent } from './webhook.ts';

const NOTE_MAX = 200;
/** As sysexits.h has it: try again later. */
const TEMPORARY = 75;

export const COMMAND: ReceiverKind = {
  type: 'command',
  read: (fields) => {
    const command = fields.texts('command') ?? [];
    if (command.length === 0) fields.mistake('command', '`command` is a program and its arguments');
    return (parts) => ({ deliver: (notification) => deliver(command, notification, parts) });
  },
};

/** Exit 0: taken; 75 and signals: worth another attempt; else refused. */
async function deliver(
  command: readonly string[],
  notification: Notification,
  { run, deliveryMs: timeoutMs, responseBytesMax: outputMax }: ReceiverParts,
): Promise<Delivery> {
  const input = `${JSON.stringify(cloudEvent(notification))}\n`;
  const env = { SQUILLA_DELIVERY: notification.id };
  const end = await run({ command, env, input, timeoutMs, outputMax });
  if (end.code === undefined) return { outcome: 'refused', note: end.reason };
  const { code, signal, said } = end;
  const tail = said.trim().replaceAll(/\s+/g, ' ').slice(0, NOTE_MAX);
  const note = `${signal ?? `exit ${code}`}${tail === '' ? '' : `: ${tail}`}`;
  if (code === 0) return { outcome: 'taken', note };
  return { outcome: signal !== null || code === TEMPORARY ? 'retry' : 'refused', note };
}
