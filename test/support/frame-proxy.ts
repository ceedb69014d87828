/**
 * A proxy between an agent and its engine that understands WebSocket, so that it can damage single
 * frames of the agent on their way; control messages pass as they are.
 */
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { SUBPROTOCOL } from '../../src/wire/agent-messages.ts';

/** What is sent in the place of a frame; `next`: the one that comes after it. */
export type Damage = (frame: Uint8Array, next: Uint8Array) => readonly Uint8Array[];

export class FrameProxy {
  readonly #server: WebSocketServer;
  readonly #target: string;
  readonly #sockets = new Set<WebSocket>();
  #damage: Damage | null = null;
  /** Of the connection that is to be damaged; null: none waits for its successor. */
  #held: { readonly from: WebSocket; readonly frame: Uint8Array } | null = null;
  /** Frames that were damaged so far. */
  damaged = 0;
  /** Connections that the engine has ended so far, and why. */
  readonly ends: string[] = [];

  private constructor(server: WebSocketServer, target: string) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (agent) => this.#accept(agent));
  }

  static async to(target: string): Promise<FrameProxy> {
    const server = new WebSocketServer({
      ...{ host: '127.0.0.1', port: 0, perMessageDeflate: false },
      handleProtocols: () => SUBPROTOCOL,
    });
    await new Promise((resolve) => server.once('listening', resolve));
    return new FrameProxy(server, target);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next frame of any agent, and no other. */
  damageNext(damage: Damage): void {
    this.#damage = damage;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(agent: WebSocket): void {
    const engine = new WebSocket(this.#target, SUBPROTOCOL, { perMessageDeflate: false });
    const early: (string | Uint8Array)[] = [];
    const send = (message: string | Uint8Array): void => {
      if (engine.readyState === engine.CONNECTING) early.push(message);
      else if (engine.readyState === engine.OPEN) engine.send(message);
    };
    for (const socket of [agent, engine]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    engine.once('open', () => {
      for (const message of early.splice(0)) engine.send(message);
    });
    engine.on('message', (data) => agent.send((data as Buffer).toString('utf8')));
    agent.on('message', (data, isBinary) => {
      if (!isBinary) send((data as Buffer).toString('utf8'));
      else for (const frame of this.#onTheWay(agent, new Uint8Array(data as Buffer))) send(frame);
    });
    agent.once('close', () => engine.close());
    engine.once('close', (_code, reason) => {
      this.ends.push(reason.toString('utf8'));
      agent.terminate();
    });
  }

  #onTheWay(from: WebSocket, frame: Uint8Array): readonly Uint8Array[] {
    const damage = this.#damage;
    if (damage === null) return [frame];
    if (this.#held?.from !== from) {
      this.#held = { from, frame };
      return [];
    }
    const { frame: first } = this.#held;
    this.#held = null;
    this.#damage = null;
    this.damaged++;
    return damage(first, frame);
  }
}
