/** Settings of alert rules and of who is told. */
import { DAY_MS, HOUR_MS, KIB, MIB, MINUTE_MS, setting } from './number-setting.ts';
import type { NumberSetting } from './number-setting.ts';

export const ALERT_SETTINGS = {
  // Alert rules.
  rulesMax: setting(10_000, 'rules', [0, 1_000_000], 'of one engine'),
  ruleKeysMax: setting(10_000, 'alerts', [1, 1_000_000], 'one rule tells apart'),
  ruleWindowsKept: setting(30, 'windows', [2, 1_000], 'of each alert, for evidence and `why`'),
  rulesPollMs: setting(2_000, 'ms', [50, HOUR_MS], 'rule files are looked at this often'),
  ruleFilesMax: setting(1_000, 'files', [1, 100_000], 'in the directory of rules'),
  ruleFileBytesMax: setting(4 * MIB, 'bytes', [KIB, 64 * MIB], 'of one rule file'),
  backtestsMax: setting(4, 'backtests', [0, 100], 'at once, on a thread of their own'),
  backtestMs: setting(60_000, 'ms', [100, HOUR_MS], 'a backtest may take'),
  backtestBytesMax: setting(
    32 * MIB,
    'bytes',
    [KIB, 512 * MIB],
    'of a request for a backtest, with its events',
  ),
  alertHistoryKept: setting(100_000, 'transitions', [0, 10_000_000], 'in the history of alerts'),
  boardsMax: setting(1_000, 'boards', [0, 100_000], 'that came through the API'),
  annotationsMax: setting(10_000, 'annotations', [0, 1_000_000], 'kept for charts'),
  annotationKeptMs: setting(
    90 * 24 * HOUR_MS,
    'ms',
    [MINUTE_MS, 10 * 366 * 24 * HOUR_MS],
    'an annotation is kept this long after its time',
  ),
  alertEventsMax: setting(1_000, 'events/s', [1, 1_000_000], 'on the stream `squilla.alerts`'),
  // Notifications.
  alertsHeldMax: setting(50_000, 'alerts', [1, 1_000_000], 'the notifier holds of posted ones'),
  postedAlertsMax: setting(10_000, 'alerts', [1, 1_000_000], 'in one post to `/api/v2/alerts`'),
  postedAlertMs: setting(5 * MINUTE_MS, 'ms', [1_000, DAY_MS], 'a post without `endsAt` lasts'),
  alertLabelsMax: setting(64, 'labels', [1, 1_000], 'of one posted alert'),
  annotationLengthMax: setting(4 * KIB, 'characters', [100, 64 * KIB], 'of one rendered template'),
  silencesMax: setting(1_000, 'silences', [1, 100_000], 'that have not expired'),
  silenceKeptMs: setting(5 * DAY_MS, 'ms', [0, 366 * DAY_MS], 'an expired silence stays'),
  silenceStaleMs: setting(
    DAY_MS,
    'ms',
    [MINUTE_MS, 366 * DAY_MS],
    'a silence that mutes nothing is stale',
  ),
  notifiedAlertsMax: setting(100, 'alerts', [1, 10_000], 'in one notification; others are counted'),
  outboxMax: setting(10_000, 'notifications', [1, 1_000_000], 'waiting to be delivered'),
  deliveriesKept: setting(10_000, 'notifications', [0, 1_000_000], 'in the delivery log'),
  deliveryMs: setting(10_000, 'ms', [100, 5 * MINUTE_MS], 'one attempt at a delivery may take'),
  deliveryAgeMs: setting(DAY_MS, 'ms', [MINUTE_MS, 31 * DAY_MS], 'then a delivery is given up'),
  deliveriesInFlightMax: setting(4, 'deliveries', [1, 100], 'at once to one receiver'),
  deliveriesPerMinuteMax: setting(60, 'deliveries/min', [1, 10_000], 'to one receiver, on average'),
  deliveryRetryMinMs: setting(1_000, 'ms', [10, MINUTE_MS], 'first wait after a failed delivery'),
  deliveryRetryMaxMs: setting(2 * MINUTE_MS, 'ms', [10, HOUR_MS], 'longest wait after one'),
  deliveryLaterMsMax: setting(15 * MINUTE_MS, 'ms', [0, DAY_MS], 'a `Retry-After` is believed'),
  breakerFailures: setting(5, 'failures', [1, 1_000], 'in a row that rest a receiver'),
  breakerMs: setting(30_000, 'ms', [10, HOUR_MS], 'a failing receiver rests'),
  trendImageMs: setting(
    7 * DAY_MS,
    'ms',
    [MINUTE_MS, 90 * DAY_MS],
    'the address of a picture in a page is good for',
  ),
  receiverResponseBytesMax: setting(64 * KIB, 'bytes', [KIB, MIB], "read of a receiver's answer"),
} as const satisfies Record<string, NumberSetting>;
