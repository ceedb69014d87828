/** One mail that the engine sends, over a connection of its own, with bounded time. */

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  /** Null: it lets everybody in. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** For each step of the exchange. */
  readonly timeoutMs: number;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** With angle brackets, as it stands in the header. */
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly references: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly {
    readonly filename: string;
    readonly content: Buffer;
    readonly contentType: string;
  }[];
}

export type MailAnswer =
  | { readonly isTaken: true }
  /** `isFinal`: the server will never take it. */
  | { readonly isTaken: false; readonly isFinal: boolean; readonly reason: string };

export type MailSend = (server: MailServer, mail: Mail) => Promise<MailAnswer>;

/** Never rejects for what the other side does. */
export const sendMail: MailSend = async (server, mail) => {
  const { createTransport } = await import('nodemailer');
  const { host, port, tls, login, timeoutMs } = server;
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(login !== null && { auth: { user: login.user, pass: login.password } }),
  });
  try {
    await transport.sendMail({ ...mail, to: [...mail.to], attachments: [...mail.attachments] });
    return { isTaken: true };
  } catch (error) {
    return failure(error);
  } finally {
    transport.close();
  }
};

/** 5xx replies will not change; everything else may. */
function failure(error: unknown): MailAnswer {
  const { responseCode, message } = error as { responseCode?: number; message: string };
  const isFinal = responseCode !== undefined && responseCode >= 500;
  return { isTaken: false, isFinal, reason: message.split('\n')[0] ?? 'no answer' };
}
