/** What an ingest transport hands on, kept in order and echoed; both adapters where both load. */
import { configWith } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import { EngineError } from '../../src/core/errors.ts';
import { BodyBudget } from '../../src/gateway/body-budget.ts';
import type { HttpHead, ReadBody } from '../../src/gateway/ingest-app.ts';
import type {
  ConnectionKind,
  IngestListener,
  IngestTransport,
} from '../../src/gateway/ingest-transport.ts';
import type { HttpReply } from '../../src/gateway/intake.ts';
import { loadUws } from '../../src/gateway/uws-binary.ts';

export const uws = loadUws();
export const adapters = [
  { name: 'ws', skip: false, label: 'ws' },
  { name: 'uws', skip: !uws.ok, label: uws.ok ? 'uws' : `uws (${uws.error})` },
] as const;

export class Recorder {
  readonly open = new Map<number, ConnectionKind>();
  readonly opened: number[] = [];
  readonly closed: number[] = [];
  readonly texts: string[] = [];
  readonly lengths: number[] = [];
  readonly offsets: number[] = [];
  readonly heads: HttpHead[] = [];
  readonly refusals: string[] = [];
  readonly budget = new BodyBudget(300_000);
  listener: IngestListener | null = null;

  async listen(transport: IngestTransport, changes: Partial<Config>): Promise<IngestListener> {
    const config = configWith({ frameBytesMax: 256 * 1024, handshakeMs: 200, ...changes });
    const common = { host: '127.0.0.1', port: 0, allowedHosts: [], tls: null, shared: false };
    this.listener = await transport.listen(
      { ...common, config },
      {
        open: (connection, kind) => {
          this.open.set(connection, kind);
          this.opened.push(connection);
        },
        text: (connection, text) => {
          this.texts.push(text);
          this.listener?.send(connection, text);
        },
        binary: (connection, bytes) => {
          this.lengths.push(bytes.length);
          this.offsets.push(bytes.byteOffset % 8);
          this.listener?.send(connection, bytes);
        },
        closed: (connection) => {
          this.open.delete(connection);
          this.closed.push(connection);
        },
        request: (head, readBody) => this.answer(head, readBody),
      },
    );
    return this.listener;
  }

  /** Says what it was sent, or why it was not read. */
  async answer(head: HttpHead, readBody: ReadBody): Promise<HttpReply> {
    this.heads.push(head);
    const headers = { 'Content-Type': 'text/plain', 'X-Probe': 'yes' };
    if (head.path === '/unread') return { status: 418, headers, body: 'unread' };
    try {
      const body = await readBody(200_000, this.budget.open());
      return { status: 200, headers, body };
    } catch (error) {
      const code = error instanceof EngineError ? error.code : String(error);
      this.refusals.push(code);
      return { status: 400, headers, body: code };
    }
  }
}
