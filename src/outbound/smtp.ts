/**
 * One mail that the engine sends, over a connection of its own. Time is bounded as a whole: a
 * server that says a little now and then would keep steps that are bounded each going for ever.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  /** Null: it lets everybody in. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** For the whole exchange. */
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
  const line = new MailLine(server);
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxResponseSize: RESPONSE_BYTES_MAX,
    getSocket: (_options, give) => line.open(give),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(login !== null && { auth: { user: login.user, pass: login.password } }),
  });
  try {
    await transport.sendMail({ ...mail, to: [...mail.to], attachments: [...mail.attachments] });
    return { isTaken: true };
  } catch (error) {
    return line.isLate
      ? { isTaken: false, isFinal: false, reason: `no end within ${timeoutMs} ms` }
      : failure(error);
  } finally {
    transport.close();
    line.close();
  }
};

const RESPONSE_BYTES_MAX = 64 * 1_024;

type GiveSocket = (error: Error | null, socket?: { readonly connection: Socket }) => void;

/** The connection of one mail, which is cut when its time is over. */
class MailLine {
  readonly #server: MailServer;
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | null = null;
  isLate = false;

  constructor(server: MailServer) {
    this.#server = server;
  }

  open(give: GiveSocket): void {
    const { host, port, timeoutMs } = this.#server;
    const socket = connect({ host, port });
    this.#socket = socket;
    this.#timer = setTimeout(() => {
      this.isLate = true;
      socket.destroy(new Error(`no end within ${timeoutMs} ms`));
    }, timeoutMs);
    const failed = (error: Error): void => give(error);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      give(null, { connection: socket });
    });
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    // What comes behind the end is nobody's.
    this.#socket?.on('error', () => undefined);
    this.#socket?.destroy();
  }
}

/** 5xx replies will not change; everything else may. */
function failure(error: unknown): MailAnswer {
  const { responseCode, message } = error as { responseCode?: number; message: string };
  const isFinal = responseCode !== undefined && responseCode >= 500;
  return { isTaken: false, isFinal, reason: message.split('\n')[0] ?? 'no answer' };
}
