/** JSON control messages: text to a checked message by its `type`, and back. */
import { DEFAULTS } from '../config.ts';
import { ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import type { AgentToEngine, EngineToAgent } from './agent-messages.ts';
import { AGENT_MESSAGES } from './agent-message-shapes.ts';
import { ENGINE_MESSAGES } from './engine-message-shapes.ts';
import type { Check } from './shape.ts';
import { badMessage } from './wire-error.ts';
import type { WireError } from './wire-error.ts';

/** Characters of a message to an agent: thousands of plans in one. */
export const PLANS_LENGTH_MAX = DEFAULTS.bodyBytesMax;

export function encodeMessage(message: AgentToEngine | EngineToAgent): string {
  return JSON.stringify(message);
}

/** What an agent said; for the engine. */
export function decodeAgentMessage(text: string): Result<AgentToEngine, WireError> {
  return decode(text, AGENT_MESSAGES, DEFAULTS.frameBytesMax);
}

/** What the engine said; for agents. */
export function decodeEngineMessage(text: string): Result<EngineToAgent, WireError> {
  return decode(text, ENGINE_MESSAGES, PLANS_LENGTH_MAX);
}

function decode<T>(
  text: string,
  shapes: ReadonlyMap<string, Check<T>>,
  lengthMax: number,
): Result<T, WireError> {
  if (text.length > lengthMax) {
    const detail = `message of ${text.length} characters, at most ${lengthMax}`;
    return { ok: false, error: { code: 'WIRE_FRAME_TOO_LARGE', detail } };
  }
  const parsed = parseJson(text);
  if (parsed === undefined) return badMessage('not JSON');
  const type = typeOf(parsed);
  const check = shapes.get(type);
  if (check === undefined)
    return badMessage(`type: one of ${[...shapes.keys()].join(', ')} expected`);
  const checked = check(parsed, '');
  return checked.ok ? ok(checked.value) : badMessage(`${type}: ${checked.error}`);
}

/** Empty: no message has this type. */
function typeOf(message: unknown): string {
  if (typeof message !== 'object' || message === null || !('type' in message)) return '';
  return typeof message.type === 'string' ? message.type : '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
