/** statsd and DogStatsD over UDP: lines, one or several in a datagram. */
import type { Config } from '../config.ts';
import { BodyBatcher } from './body-batcher.ts';
import type { ListenerEngine } from './body-batcher.ts';
import { DatagramListener } from './datagram-listener.ts';
import type { ListenerAddress, OpenListener } from './open-listener.ts';

export const STATSD_STREAM = 'statsd';

const NEWLINE = Buffer.from('\n');

/** @throws EngineError ENGINE_PORT_IN_USE */
export async function openStatsd(
  address: ListenerAddress,
  engine: ListenerEngine,
  config: Config,
): Promise<OpenListener> {
  const kind = {
    stream: STATSD_STREAM,
    format: { kind: 'statsd' },
    timeField: null,
    slackMs: 0,
  } as const;
  const batcher = new BodyBatcher(kind, engine, config);
  const listener = await DatagramListener.open({
    ...address,
    onDatagram: (bytes) => batcher.add([bytes, NEWLINE], linesOf(bytes)),
    onOverflow: (datagrams) => batcher.lost('udp', datagrams),
  });
  return {
    port: listener.port,
    close: () => {
      listener.close();
      batcher.flush();
    },
  };
}

function linesOf(bytes: Buffer): number {
  let lines = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end !== at) lines++;
    at = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}
