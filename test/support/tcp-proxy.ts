/** A proxy between an agent and its engine that can stop behaving. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * `pass`: as if it were not there · `swallow`: everything arrives, and nothing goes on · `stall`:
 * nothing is read from the agent, so that its sockets fill · `refuse`: hangs up at once.
 */
export type ProxyMode = 'pass' | 'swallow' | 'stall' | 'refuse';

export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #agents = new Set<Socket>();
  readonly #targetPort: number;
  #mode: ProxyMode = 'pass';
  /** Bytes that came from agents. */
  received = 0;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async to(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(server, targetPort);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Also for the connections that stand. */
  set mode(mode: ProxyMode) {
    this.#mode = mode;
    for (const agent of this.#agents) {
      if (mode === 'stall') agent.pause();
      else agent.resume();
      if (mode === 'refuse') agent.destroy();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(agent: Socket): void {
    this.#keep(agent);
    this.#agents.add(agent);
    agent.once('close', () => this.#agents.delete(agent));
    if (this.#mode === 'refuse') {
      agent.destroy();
      return;
    }
    const engine = connect(this.#targetPort, '127.0.0.1');
    this.#keep(engine);
    agent.on('data', (chunk) => {
      this.received += chunk.length;
      if (this.#mode === 'pass') engine.write(chunk);
    });
    engine.on('data', (chunk) => {
      if (this.#mode === 'pass') agent.write(chunk);
    });
    agent.once('close', () => engine.destroy());
    engine.once('close', () => agent.destroy());
    if (this.#mode === 'stall') agent.pause();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
