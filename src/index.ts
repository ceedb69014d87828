/**
 * The library: run queries over finite events (`evaluate`), look at them (`parse`), or subscribe to
 * a running engine (`connect`). Agents import `squilla/agent`.
 */
export { parse } from '../grammar/parse.ts';
export { print } from '../grammar/print.ts';
export type { Diagnostic } from '../grammar/diagnostic.ts';
export { connect } from './client/connect.ts';
export type {
  Client,
  ClientState,
  ClientSubscription,
  SubscribeOptions,
} from './client/contract.ts';
export { evaluate } from './reference/evaluate.ts';
export type { Completeness, ResultMessage } from './wire/results.ts';
