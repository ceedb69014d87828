/** A notifier under a virtual clock: raise and end alerts, let time pass, see who was told what. */
import { DEFAULTS } from '../../src/config.ts';
import { assert } from '../../src/core/assert.ts';
import { isFiringAlert } from '../../src/alert/notify/notified-alert.ts';
import type { Labels } from '../../src/alert/notify/matcher.ts';
import { parseMatcher } from '../../src/alert/notify/matcher.ts';
import type { Notification } from '../../src/alert/notify/notification.ts';
import { Notifier } from '../../src/alert/notify/notifier.ts';
import type {
  NotifierEffect,
  NotifierInput,
  NotifierState,
} from '../../src/alert/notify/notifier-messages.ts';
import type { NotifyConfig } from '../../src/alert/notify/notify-config.ts';
import { readNotifyConfig } from '../../src/alert/notify/read-config.ts';
import type { Silence } from '../../src/alert/notify/silence.ts';
import { episodeName } from '../../src/alert/transition.ts';
import type { AlertEvidence, AlertTransition } from '../../src/alert/transition.ts';

export const START_MS = Date.UTC(2026, 0, 5, 12);

/** Receivers that need nothing, for texts that are about routes. */
export const RECEIVERS = `
receivers:
  chat: { type: webhook, url: 'https://chat.test/hook' }
  phone: { type: webhook, url: 'https://phone.test/hook' }
  boss: { type: webhook, url: 'https://boss.test/hook' }
`;

export function notifyConfig(text: string): NotifyConfig {
  const result = readNotifyConfig([{ path: 'notify.yaml', text }]);
  assert(result.ok, () => (result.ok ? '' : result.error.join('\n')));
  return result.value;
}

export class NotifyWorld {
  nowMs = START_MS;
  notifier: Notifier;
  /** All that was told, oldest first. */
  readonly told: Notification[] = [];
  #config: NotifyConfig;
  #read = 0;
  readonly #alerts = new Map<string, Labels>();
  readonly #started = new Map<string, number>();
  readonly #stored = { alerts: new Map(), groups: new Map(), silences: new Map() };

  constructor(text: string) {
    this.#config = notifyConfig(text);
    this.notifier = this.#start();
    this.do({ type: 'configure', config: this.#config });
  }

  do(input: NotifierInput): void {
    this.#keep(this.notifier.handle(input, this.nowMs));
  }

  /** `name` with further labels begins to fire. */
  fire(name: string, labels: Labels = {}, changes: Partial<AlertTransition> = {}): void {
    const key = JSON.stringify([name, labels]);
    this.#started.set(key, this.nowMs);
    this.#alerts.set(key, { alertname: name, severity: 'critical', ...labels });
    this.do({ type: 'transitions', transitions: [this.#transition(key, 'firing', changes)] });
  }

  end(name: string, labels: Labels = {}): void {
    const key = JSON.stringify([name, labels]);
    this.do({ type: 'transitions', transitions: [this.#transition(key, 'ok', {})] });
  }

  /** Lets time pass, waking the notifier whenever it asks for it. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let wakes = 0; ; wakes += 1) {
      assert(wakes < 10_000, () => 'the notifier wants to be woken without end');
      const dueMs = this.notifier.dueMs;
      if (dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.do({ type: 'tick' });
    }
    this.nowMs = untilMs;
    this.do({ type: 'tick' });
  }

  silence(id: string, match: string, forMs: number): void {
    this.do({ type: 'put-silence', silence: this.silenceOf(id, match, forMs) });
  }

  silenceOf(id: string, match: string, forMs: number): Silence {
    const matcher = parseMatcher(match);
    assert(matcher.ok, () => 'a matcher of a test is wrong');
    return {
      id,
      matchers: [matcher.value],
      startsAtMs: this.nowMs,
      endsAtMs: this.nowMs + forMs,
      author: 'ann',
      comment: 'test',
      createdAtMs: this.nowMs,
      updatedAtMs: this.nowMs,
      mutedAtMs: null,
    };
  }

  reload(text: string): void {
    this.#config = notifyConfig(text);
    this.do({ type: 'configure', config: this.#config });
  }

  /** A new process that knows what the old one stored. */
  restart(): void {
    this.notifier = this.#start();
    this.do({ type: 'configure', config: this.#config });
  }

  /** What was told since this was last called: `phone new down[+eu +us -asia]`. */
  news(): string[] {
    const news = this.told.slice(this.#read).map(shortText);
    this.#read = this.told.length;
    return news;
  }

  get incident(): string {
    return (
      [...this.notifier.groups.values()].find((group) => group.incident !== null)?.incident ?? ''
    );
  }

  #start(): Notifier {
    const { alerts, groups, silences } = this.#stored;
    const state: NotifierState = {
      alerts: [...alerts.values()],
      groups: [...groups.values()],
      silences: [...silences.values()],
    };
    const copy = JSON.parse(JSON.stringify(state)) as NotifierState;
    return new Notifier({
      config: DEFAULTS,
      externalUrl: () => 'http://squilla.test',
      state: copy,
    });
  }

  #keep(effects: readonly NotifierEffect[]): void {
    const { alerts, groups, silences } = this.#stored;
    for (const effect of effects) {
      if (effect.type === 'notify') this.told.push(effect.notification);
      else if (effect.type === 'save-alert') alerts.set(effect.held.alert.episode, effect.held);
      else if (effect.type === 'forget-alert') alerts.delete(effect.episode);
      else if (effect.type === 'save-group') {
        groups.set(effect.group.key, structuredClone(effect.group));
      } else if (effect.type === 'forget-group') groups.delete(effect.key);
      else if (effect.type === 'save-silence') silences.set(effect.silence.id, effect.silence);
      else silences.delete(effect.id);
    }
  }

  /** Sizes of what is stored, to see that nothing stays behind. */
  get stored(): { readonly alerts: number; readonly groups: number; readonly silences: number } {
    const { alerts, groups, silences } = this.#stored;
    return { alerts: alerts.size, groups: groups.size, silences: silences.size };
  }

  #transition(
    key: string,
    to: 'firing' | 'ok',
    changes: Partial<AlertTransition>,
  ): AlertTransition {
    const labels = this.#alerts.get(key) ?? {};
    const startsAtMs = this.#started.get(key) ?? this.nowMs;
    const alert = { rule: labels['alertname'] ?? '', condition: 'threshold', key } as const;
    return {
      ...alert,
      id: `${key} ${to} ${this.nowMs}`,
      atMs: this.nowMs,
      window: null,
      ruleVersion: 1,
      labels,
      episode: episodeName(alert, startsAtMs),
      from: to === 'firing' ? 'ok' : 'firing',
      to,
      startsAtMs,
      endsAtMs: to === 'ok' ? this.nowMs : null,
      severity: 'critical',
      annotations: { templates: { summary: '{{labels.alertname}} is bad' }, view: {} },
      evidence: EVIDENCE,
      route: null,
      runbook: null,
      owner: null,
      reason: 'value 3 below 10',
      ...changes,
    };
  }
}

export const EVIDENCE: AlertEvidence = {
  values: { sps: 3 },
  previous: { sps: 100 },
  baseline: 98,
  completeness: null,
  query: 'select rate() as sps from plays window 1s',
  queryLink: {
    query: 'select rate() as sps from plays window 1s',
    fromMs: START_MS - 60_000,
    toMs: START_MS,
  },
  sparkline: [
    { atMs: START_MS - 2_000, value: 100 },
    { atMs: START_MS - 1_000, value: null },
    { atMs: START_MS, value: 3 },
  ],
  exemplars: [{ title: 'Ocean', status: 503 }],
  contributors: [{ key: { region: 'eu-west' }, value: 3, previous: 60 }],
};

export function shortText({ receiver, reason, status, alerts }: Notification): string {
  const texts = alerts.map((alert) => {
    const { alertname = '', region } = alert.labels;
    const name = region === undefined ? alertname : `${alertname}/${region}`;
    return `${isFiringAlert(alert) ? '+' : '-'}${name}`;
  });
  return `${receiver} ${reason} ${status} ${texts.join(' ')}`;
}
