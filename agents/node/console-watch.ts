/** What a service writes to its console as events, after it was written as ever. */
import { format } from 'node:util';
import type { Agent } from '../agent.ts';
import { Demand } from './demand.ts';

export interface ConsoleOptions {
  /** Default: `console`. */
  readonly stream?: string;
  /** Default: the global one. */
  readonly console?: Pick<Console, ConsoleMethod>;
}

export type ConsoleMethod = 'log' | 'info' | 'warn' | 'error' | 'debug';

const LEVELS: Readonly<Record<ConsoleMethod, string>> = {
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
  debug: 'debug',
};

/** Returns a function that gives the console back as it was. */
export function observeConsole(agent: Agent, options: ConsoleOptions = {}): () => void {
  const observed = options.console ?? globalThis.console;
  const demand = new Demand(agent.stream(options.stream ?? 'console'));
  const stops = (Object.keys(LEVELS) as ConsoleMethod[]).map((method) => {
    const original = observed[method];
    let isOn = true;
    const ours = (...values: unknown[]): void => {
      original.apply(observed, values);
      // In a function, so that what formatting throws is the agent's to count.
      if (isOn && demand.take()) demand.stream.publish(() => eventOf(LEVELS[method], values));
    };
    observed[method] = ours;
    return () => {
      isOn = false;
      // Whoever came after us still calls us, and we the original.
      if (observed[method] === ours) observed[method] = original;
    };
  });
  return () => {
    for (const stop of stops) stop();
  };
}

function eventOf(level: string, values: readonly unknown[]): object {
  return { level, message: format(...values) };
}
