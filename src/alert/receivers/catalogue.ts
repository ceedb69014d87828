/** The kinds of receivers there are. */
import { ALERTMANAGER_WEBHOOK } from './alertmanager-webhook.ts';
import { ALERTMANAGER } from './alertmanager.ts';
import { COMMAND } from './command.ts';
import type { ReceiverKind } from './contract.ts';
import { EMAIL } from './email.ts';
import { LOG } from './log.ts';
import { PAGERDUTY } from './pagerduty.ts';
import { SLACK } from './slack.ts';
import { WEBHOOK } from './webhook.ts';

const KINDS: readonly ReceiverKind[] = [
  PAGERDUTY,
  SLACK,
  EMAIL,
  WEBHOOK,
  ALERTMANAGER,
  ALERTMANAGER_WEBHOOK,
  COMMAND,
  LOG,
];

export const RECEIVER_KINDS: ReadonlyMap<string, ReceiverKind> = new Map(
  KINDS.map((kind) => [kind.type, kind]),
);
