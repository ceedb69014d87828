/** E-mail over SMTP. Mails of one incident make one thread: they name its first one. */
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
  { deliveryMs }: ReceiverParts,
): Promise<Delivery> {
  const { createTransport } = await import('nodemailer');
  const { host, port, tls, user, password } = settings;
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: deliveryMs,
    greetingTimeout: deliveryMs,
    socketTimeout: deliveryMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user !== undefined && { auth: { user, pass: password?.reveal() ?? '' } }),
  });
  try {
    await transport.sendMail(mailOf(notification, settings));
    return { outcome: 'taken', note: `${host}:${port} took it` };
  } catch (error) {
    return failure(error);
  } finally {
    transport.close();
  }
}

function mailOf(notification: Notification, { from, to }: Settings): object {
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
    ...(trend !== null && {
      attachments: [{ filename: 'trend.png', content: trend, contentType: 'image/png' }],
    }),
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

/** 5xx replies will not change; everything else may. */
function failure(error: unknown): Delivery {
  const { responseCode, message } = error as { responseCode?: number; message: string };
  const isFinal = responseCode !== undefined && responseCode >= 500;
  return { outcome: isFinal ? 'refused' : 'retry', note: message.split('\n')[0] ?? 'no answer' };
}
