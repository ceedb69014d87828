/**
 * Datagrams of one UDP port. The system throws datagrams away while nobody reads them; where it
 * says how many (Linux does, in /proc/net/udp), they are counted as lost once a second.
 */
import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { listenError } from './listen-error.ts';

export interface DatagramOptions {
  readonly host: string;
  readonly port: number;
  /** What a human changes if the port is taken. */
  readonly flag: string;
  readonly onDatagram: (bytes: Buffer, from: RemoteInfo) => void;
  /** Datagrams that the system threw away. */
  readonly onOverflow: (datagrams: number) => void;
}

/** The system gives less where it allows less. */
const RECEIVE_BYTES = 4 * 1024 * 1024;
const LOOK_MS = 1_000;
/** Columns of /proc/net/udp: local address, and datagrams dropped (the last). */
const LOCAL = 1;

export class DatagramListener {
  readonly #options: DatagramOptions;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | null = null;
  #dropped = 0;

  private constructor(options: DatagramOptions) {
    const type = isIPv6(options.host) ? 'udp6' : 'udp4';
    this.#options = options;
    this.#socket = createSocket({ type, recvBufferSize: RECEIVE_BYTES });
    this.#socket.on('message', (bytes, from) => options.onDatagram(bytes, from));
  }

  /** @throws EngineError ENGINE_PORT_IN_USE */
  static async open(options: DatagramOptions): Promise<DatagramListener> {
    const listener = new DatagramListener(options);
    await listener.#bind();
    return listener;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#socket.close();
  }

  #bind(): Promise<void> {
    const { host, port, flag } = this.#options;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(listenError(error, { host, port, flag }));
      this.#socket.once('error', failed);
      this.#socket.bind({ address: host, port, exclusive: true }, () => {
        this.#socket.off('error', failed);
        // What a datagram brings back (a port that is closed, say) is of no concern.
        this.#socket.on('error', () => undefined);
        this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
        resolve();
      });
    });
  }

  async #look(): Promise<void> {
    const { family, port } = this.#socket.address();
    const file = family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp';
    const text = await readFile(file, 'utf8').catch(() => '');
    const dropped = overflowOf(text, port);
    if (dropped > this.#dropped) this.#options.onOverflow(dropped - this.#dropped);
    this.#dropped = Math.max(dropped, this.#dropped);
  }
}

/** Datagrams dropped at sockets of this port, of a text such as /proc/net/udp has. */
export function overflowOf(text: string, port: number): number {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let dropped = 0;
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[LOCAL]?.endsWith(end) === true) dropped += Number(columns.at(-1)) || 0;
  }
  return dropped;
}
