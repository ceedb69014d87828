/** E-mail over SMTP. Mails of one incident make one thread: they name its first one. */
import type { Mail } from '../../outbound/smtp.ts';
import type { Notification } from '../notify/notification.ts';
import type { Delivery, ReceiverKind, ReceiverParts } from './contract.ts';
import { pageText, titleOf } from './page.ts';
import type { Secret } from './secret.ts';
import { sparklinePng } from './sparkline-png.ts';

const SUBJECT_MAX = 200;

interface Settings {
  readonly host: string;
  readonly port: number;
  readonly from: string;
  readonly to: readonly string[];
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly user: string | undefined;
  readonly password: Secret | null;
}

export const EMAIL: ReceiverKind = {
  type: 'email',
  read: (fields) => {
    const tls = fields.choice('tls', ['starttls', 'implicit', 'none']) ?? 'starttls';
    const settings: Settings = {
      host: fields.required('host'),
      port: fields.number('port', tls === 'implicit' ? 465 : 587, [1, 65_535]),
      from: fields.required('from'),
      to: fields.texts('to') ?? [],
      tls,
      user: fields.text('user'),
      password: fields.secret('password', false),
    };
    if (settings.to.length === 0) fields.mistake('to', '`to` is a list of addresses');
    for (const address of [settings.from, ...settings.to]) {
      if (/[\r\n]/.test(address)) fields.mistake('to', 'an address has no line breaks');
    }
    return (parts) => ({ deliver: (notification) => deliver(notification, settings, parts) });
  },
};

async function deliver(
  notification: Notification,
  settings: Settings,
  { mail, deliveryMs: timeoutMs }: ReceiverParts,
): Promise<Delivery> {
  const { host, port, tls, user, password } = settings;
  const login = user === undefined ? null : { user, password: password?.reveal() ?? '' };
  const answer = await mail({ host, port, tls, login, timeoutMs }, mailOf(notification, settings));
  if (answer.isTaken) return { outcome: 'taken', note: `${host}:${port} took it` };
  return { outcome: answer.isFinal ? 'refused' : 'retry', note: answer.reason };
}

/**
 * Its Message-ID is the notification's: mail servers that see one twice, as after a crash, can
 * tell.
 */
function mailOf(notification: Notification, { from, to }: Settings): Mail {
  const { id, incident, alerts } = notification;
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'squilla';
  const thread = `<${incident === '' ? id : incident}@${domain}>`;
  const owner = alerts[0]?.owner;
  const trend = sparklinePng(alerts[0]?.evidence?.sparkline ?? []);
  return {
    from,
    to,
    subject: titleOf(notification, SUBJECT_MAX).replaceAll(/\s+/g, ' '),
    text: `${pageText(notification)}\n`,
    attachments:
      trend === null ? [] : [{ filename: 'trend.png', content: trend, contentType: 'image/png' }],
    messageId: `<${id}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Squilla-Incident': incident,
      ...(owner != null && { 'X-Squilla-Owner': owner.replaceAll(/[\r\n]/g, ' ') }),
    },
  };
}
