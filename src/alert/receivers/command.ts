/**
 * A program on this machine, with the notification as JSON on its standard input. No shell is
 * involved, and nothing of an alert becomes an argument. Only files can configure it, never the
 * API.
 */
import { spawn } from 'node:child_process';
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
    return (parts) => ({ deliver: (notification) => run(command, notification, parts) });
  },
};

/** Exit 0: taken; 75 and signals: worth another attempt; else refused. */
function run(
  [program = '', ...args]: readonly string[],
  notification: Notification,
  { deliveryMs, responseBytesMax }: ReceiverParts,
): Promise<Delivery> {
  return new Promise((resolve) => {
    const { PATH = '', LANG = 'C.UTF-8', TZ } = process.env;
    const child = spawn(program, args, {
      env: { PATH, LANG, ...(TZ !== undefined && { TZ }), SQUILLA_DELIVERY: notification.id },
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: deliveryMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < responseBytesMax) said += text;
    });
    // A program that does not read its input is no failure by itself.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => resolve({ outcome: 'refused', note: error.message }));
    child.on('close', (code, signal) => {
      const tail = said.trim().replaceAll(/\s+/g, ' ').slice(0, NOTE_MAX);
      const note = `${signal ?? `exit ${code}`}${tail === '' ? '' : `: ${tail}`}`;
      if (code === 0) resolve({ outcome: 'taken', note });
      else resolve({ outcome: signal !== null || code === TEMPORARY ? 'retry' : 'refused', note });
    });
    child.stdin.end(`${JSON.stringify(cloudEvent(notification))}\n`);
  });
}
