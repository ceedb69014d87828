/**
 * Keeps secrets out of logs: members with a telling name, and tokens inside text. Errs on the side
 * of hiding too much.
 */

export const HIDDEN = '[hidden]';

/** Deeper structures are cut: a log line is no dump. */
const DEPTH_MAX = 6;

const SECRET_NAME = /^(?:token|password|passphrase|secret|cookie|setcookie|apikey|credentials?)$/;
const SECRET_SUFFIX = /(?:authorization|token|password|secret|privatekey)$/;

/** `Bearer …`/`Basic …` in header text, and `token=…` in addresses and fragments. */
const SECRET_TEXT = /\b(bearer|basic)\s+[\w\-.~+/]+=*|([?&#;]|\b)((?:access_)?token=)[^\s&#;"']+/gi;

/** `text` without tokens. */
export function hideSecretsInText(text: string): string {
  return text.replace(SECRET_TEXT, (_, scheme?: string, before?: string, name?: string) =>
    scheme === undefined ? `${before ?? ''}${name ?? ''}${HIDDEN}` : `${scheme} ${HIDDEN}`,
  );
}

/** A copy of `value` fit for a log line: secrets hidden, depth bounded, errors as plain data. */
export function hideSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return hideSecretsInText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[deep]';
  if (value instanceof Error) return errorFields(value, depth);
  if (Array.isArray(value)) return value.map((item) => hideSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      isSecretName(name) ? HIDDEN : hideSecrets(member, depth + 1),
    ]),
  );
}

/** Whether a field of this name holds what nobody else may read. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  return SECRET_NAME.test(plain) || SECRET_SUFFIX.test(plain);
}

function errorFields(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: hideSecretsInText(error.message),
    ...(error.stack === undefined ? {} : { stack: hideSecretsInText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: hideSecrets(error.cause, depth + 1) }),
  };
}
