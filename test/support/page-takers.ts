/**
 * The receivers of all kinds as servers that remember what they took, by what they are sent: the
 * requests, mails and runs are those that the engine makes.
 */
import type { Senders } from '../../src/alert/receivers/contract.ts';
import type { HttpAnswer, HttpAsk } from '../../src/outbound/http-exchange.ts';

/** One request that was taken. */
export interface Taken {
  /** Id of the notification. */
  readonly delivery: string;
  /** One delivery may be several requests; each has a name of its own. */
  readonly step: string;
  readonly body: unknown;
}

/** Settings of a receiver of each kind. */
export const TAKERS: Readonly<Record<string, string>> = {
  pagerduty: "{ type: pagerduty, routingKeyEnv: SQUILLA_TEST_SECRET, url: 'https://pd.test/e' }",
  slack: "{ type: slack, tokenEnv: SQUILLA_TEST_SECRET, channel: C1, apiUrl: 'https://sl.test' }",
  email: '{ type: email, host: mail.test, from: squilla@a.test, to: [on@b.test] }',
  webhook: "{ type: webhook, url: 'https://hook.test/x' }",
  alertmanager: "{ type: alertmanager, url: 'https://am.test' }",
  'alertmanager-webhook': "{ type: alertmanager-webhook, url: 'https://bridge.test/x' }",
  command: '{ type: command, command: [page] }',
};

export interface TakerParts {
  /** Whether receivers are out of order now. */
  readonly isDown: () => boolean;
  /** Resolves when the request has arrived; never if its sender was killed before it left. */
  readonly arrive: () => Promise<void>;
  /** Resolves when the answer has arrived; never if nobody waits for it any more. */
  readonly answer: () => Promise<void>;
  readonly taken: (taken: Taken) => void;
}

export function takers({ isDown, arrive, answer, taken }: TakerParts): Senders {
  let messages = 0;
  const exchange = async (taking: Taken): Promise<boolean> => {
    await arrive();
    const isTaken = !isDown();
    if (isTaken) taken(taking);
    await answer();
    return isTaken;
  };
  return {
    http: async (ask) => {
      const isTaken = await exchange(takenHttp(ask));
      if (!isTaken) return httpAnswer(503, 'no');
      if (!ask.url.includes('sl.test')) return httpAnswer(202, 'ok');
      const { ts } = JSON.parse(ask.body ?? '{}') as { ts?: string };
      messages += 1;
      return httpAnswer(200, JSON.stringify({ ok: true, channel: 'C1', ts: ts ?? `${messages}` }));
    },
    mail: async (_, mail) => {
      const delivery = /^<([^@]+)@/.exec(mail.messageId)?.[1] ?? '';
      const isTaken = await exchange({ delivery, step: 'mail', body: mail });
      return isTaken ? { isTaken } : { isTaken, isFinal: false, reason: 'try later' };
    },
    run: async ({ env, input }) => {
      const delivery = env['SQUILLA_DELIVERY'] ?? '';
      const isTaken = await exchange({ delivery, step: 'run', body: JSON.parse(input) });
      return { code: isTaken ? 0 : 75, signal: null, said: '' };
    },
  };
}

function takenHttp({ headers, url, body = '' }: HttpAsk): Taken {
  const parsed = JSON.parse(body) as { event_action?: string; thread_ts?: string };
  const path = new URL(url).pathname;
  const step = `${path} ${parsed.event_action ?? ''} ${parsed.thread_ts === undefined ? '' : 'reply'}`;
  return { delivery: headers['Squilla-Delivery'] ?? '', step, body: parsed };
}

function httpAnswer(status: number, text: string): HttpAnswer {
  return { status, text, isCut: false, headers: {}, retryAfterMs: null };
}
