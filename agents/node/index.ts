/**
 * `squilla/agent/node`: what a Node.js process can tell of itself.
 *
 * ```ts
 * import { createAgent } from 'squilla/agent';
 * import { instrument } from 'squilla/agent/node';
 * instrument(createAgent({ url: 'ws://127.0.0.1:7071', service: 'checkout' }));
 * ```
 */
export { observeConsole } from './console-watch.ts';
export type { ConsoleMethod, ConsoleOptions } from './console-watch.ts';
export { instrument } from './instrument.ts';
export type { Instrumentation, InstrumentOptions } from './instrument.ts';
export { expressMiddleware, fastifyPlugin } from './middleware.ts';
export type { ExpressMiddleware, FastifyPlugin } from './middleware.ts';
export { pinoDestination } from './pino-destination.ts';
export type { PinoDestination, PinoDestinationOptions, PinoTarget } from './pino-destination.ts';
