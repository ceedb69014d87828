/**
 * `squilla/agent/pino`: a transport, which pino runs in a thread of its own:
 *
 * ```ts
 * pino({ transport: { target: 'squilla/agent/pino', options: { url, service: 'checkout' } } });
 * ```
 *
 * Lines take their time from pino's `time`. When the logger ends, what is held is sent first.
 */
import { Writable } from 'node:stream';
import { configWith } from '../src/config.ts';
import { createAgent } from './agent.ts';
import type { Agent, AgentOptions } from './agent.ts';
import { LineSplitter } from './line-splitter.ts';
import { Demand } from './node/demand.ts';
import { pinoEvent } from './node/pino-line.ts';

/** What can be handed to another thread. */
export interface PinoTransportOptions extends Pick<
  AgentOptions,
  'url' | 'token' | 'host' | 'instance' | 'tags' | 'limits' | 'mask'
> {
  /** Default: `pino`. */
  readonly service?: string;
  /** Default: `logs`. */
  readonly stream?: string;
  /** How late a line may reach the thread. Default: 250. */
  readonly slackMs?: number;
}

const SLACK_MS = 250;

/** A destination for lines, made in pino's thread. */
export function pinoTransport(options: PinoTransportOptions): Writable {
  const agent = createAgent({
    ...options,
    service: options.service ?? 'pino',
    // Threads get no signals.
    handleSignals: false,
  });
  const demand = new Demand(
    agent.stream(options.stream ?? 'logs', {
      time: { kind: 'field', field: 'time' },
      slackMs: options.slackMs ?? SLACK_MS,
    }),
  );
  const splitter = new LineSplitter(configWith(options.limits ?? {}).lineBytesMax);
  const take = (line: string): void => {
    const event = line !== '' && demand.take() ? pinoEvent(line) : null;
    if (event !== null) demand.stream.publish(event);
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      splitter.push(chunk).forEach(take);
      done();
    },
    final(done) {
      take(splitter.finish());
      void endAgent(agent, done);
    },
  });
}

async function endAgent(agent: Agent, done: () => void): Promise<void> {
  await agent.close('the logger has ended');
  done();
}

// pino looks for the default export of a target.
export { pinoTransport as default };
