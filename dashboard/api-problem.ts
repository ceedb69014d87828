/** What an answer of the engine that is no success says to people. */
import type { ApiAnswer } from './browser-host.ts';
import { recordFrom } from './catalogue.ts';
import { safeText } from './format.ts';

export function isGood({ status }: ApiAnswer): boolean {
  return status >= 200 && status < 300;
}

/** A sentence with its remedy. */
export function problemSentence({ status, body }: ApiAnswer): string {
  if (status === 0) return 'The engine does not answer. Try again in a moment.';
  const { title, detail, remedy } = recordFrom(body);
  const said = [detail, title].find((text) => typeof text === 'string' && text !== '');
  const what = typeof said === 'string' ? said : `The engine answered ${status}.`;
  const next =
    typeof remedy === 'string'
      ? remedy
      : status === 401 || status === 403
        ? 'Ask for a token that may do this.'
        : '';
  return safeText(`${what} ${next}`.trim(), 500);
}
