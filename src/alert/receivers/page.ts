/**
 * A notification in words, the same for every receiver: what, since when, the value against what
 * was expected, how it went, how much of the truth was seen, what moved most, where to look, what
 * to do.
 */
import type { Value, ValueObject } from '../../model/value.ts';
import type { Completeness } from '../../wire/results.ts';
import { isFiringAlert, nameOf } from '../notify/notified-alert.ts';
import type { NotifiedAlert } from '../notify/notified-alert.ts';
import type { Notification } from '../notify/notification.ts';
import type { AlertEvidence, SparkPoint } from '../transition.ts';
import { sparklineText } from './sparkline.ts';

export interface PageLine {
  readonly name: string;
  readonly text: string;
}

const CONTRIBUTORS_SHOWN = 3;
const VALUES_SHOWN = 6;
const EXEMPLARS_SHOWN = 3;
const EXEMPLAR_MAX = 200;

/** One line that says it all, at most `lengthMax` characters. */
export function titleOf(notification: Notification, lengthMax = 200): string {
  const { status, alerts, truncated, reason } = notification;
  if (reason === 'heartbeat') return 'Squilla is alive';
  const firing = alerts.filter(isFiringAlert).length + (status === 'firing' ? truncated : 0);
  const head = status === 'resolved' ? 'RESOLVED' : `FIRING${firing > 1 ? ` ${firing}` : ''}`;
  const [first] = alerts;
  const name = first === undefined ? 'alert' : nameOf(first);
  const where = alerts.length === 1 ? keyText(first as NotifiedAlert) : commonText(notification);
  const summary = first?.annotations['summary'];
  const tail = alerts.length === 1 && summary !== undefined ? `: ${summary}` : '';
  const why = REASONS[reason] ?? '';
  const title = `[${head}]${why} ${name}${where === '' ? '' : ` (${where})`}${tail}`;
  return cut(title.replaceAll(/\s+/g, ' '), lengthMax);
}

const REASONS: Readonly<Record<string, string>> = {
  repeat: ' still',
  unmuted: ' no longer silenced',
  escalation: ' escalated',
  acknowledged: ' acknowledged',
  unacknowledged: ' acknowledgement ran out',
  test: ' TEST',
};

/** What is known of one alert, in the order a tired human wants it. */
export function linesOf(alert: NotifiedAlert): readonly PageLine[] {
  const { annotations, evidence } = alert;
  const lines: PageLine[] = [];
  const add = (name: string, text: string | null | undefined): void => {
    if (text !== null && text !== undefined && text !== '') lines.push({ name, text });
  };
  add('what', annotations['summary'] ?? nameOf(alert));
  add('where', keyText(alert));
  add('why', alert.reason);
  add('since', timeText(alert.startsAtMs));
  if (alert.endsAtMs !== null) add('until', timeText(alert.endsAtMs));
  if (evidence !== null) {
    add('value', valueText(alert, evidence));
    add('trend', sparklineText(evidence.sparkline));
    add('seen', evidence.completeness === null ? '' : completenessText(evidence.completeness));
    add('moved', contributorsText(evidence));
    add('example', (evidence.exemplars ?? []).slice(0, EXEMPLARS_SHOWN).map(eventText).join('; '));
  }
  add('detail', annotations['description']);
  add('owner', alert.owner);
  add('runbook', alert.runbook);
  add('query', alert.link);
  return lines;
}

/** What a picture of the trend shows, for who cannot see it. */
export function trendAlt(alert: NotifiedAlert): string {
  const { evidence } = alert;
  const trend = evidence === null ? '' : sparklineText(evidence.sparkline);
  return `${nameOf(alert)}: ${trend}`;
}

/** The whole page as plain text. */
export function pageText(notification: Notification): string {
  const { alerts, truncated, acknowledgement } = notification;
  const blocks = alerts.map((alert) =>
    linesOf(alert)
      .map(({ name, text }) => `${name.padEnd(8)}${text}`)
      .join('\n'),
  );
  if (truncated > 0) blocks.push(`and ${truncated} more`);
  if (acknowledgement !== null) blocks.push(acknowledgementText(acknowledgement));
  return [titleOf(notification), ...blocks].join('\n\n');
}

export function acknowledgementText({
  by,
  comment,
  untilMs,
}: NonNullable<Notification['acknowledgement']>): string {
  const until = untilMs === null ? '' : ` until ${timeText(untilMs)}`;
  return `acknowledged by ${by}${until}${comment === '' ? '' : `: ${comment}`}`;
}

export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function cut(text: string, lengthMax: number): string {
  // By code points, so that no pair of surrogates is torn.
  const points = Array.from(text);
  return points.length <= lengthMax ? text : `${points.slice(0, lengthMax - 1).join('')}…`;
}

/** Labels that say which one, without those that every alert has. */
function keyText({ labels }: NotifiedAlert): string {
  return labelsText(labels);
}

function commonText({ group }: Notification): string {
  return labelsText(group.labels);
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .filter(([name, value]) => name !== 'alertname' && name !== 'severity' && value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function valueText({ labels, endsAtMs }: NotifiedAlert, evidence: AlertEvidence): string {
  const { values, baseline, previous, sparkline } = evidence;
  // What it is compared against belongs to a page, and not to its end.
  const usual = endsAtMs === null && baseline === null ? usualOf(sparkline) : null;
  // The window, the key and examples stand elsewhere.
  const shown = Object.entries(values).filter(
    ([name, value]) => !name.startsWith('window_') && !(name in labels) && !Array.isArray(value),
  );
  const texts = shown.slice(0, VALUES_SHOWN).map(([name, value]) => {
    const before = previous?.[name] ?? null;
    if (before === null) return `${name} ${scalarText(value)}`;
    const against = [
      ...(before === value ? [] : [`before ${scalarText(before)}`]),
      ...(usual === null ? [] : [`usually ${scalarText(usual)}`]),
    ];
    const beside = against.length === 0 ? '' : ` (${against.join(', ')})`;
    return `${name} ${scalarText(value)}${beside}`;
  });
  if (baseline !== null) texts.push(`expected ${scalarText(baseline)}`);
  return texts.join(', ');
}

/** Median of the older half of the trend: what was usual before it came to this. */
function usualOf(sparkline: readonly SparkPoint[]): number | null {
  const values = sparkline.flatMap(({ value }) => (value === null ? [] : [value]));
  const older = values.slice(0, Math.floor(values.length / 2)).sort((a, b) => a - b);
  return older[Math.floor(older.length / 2)] ?? null;
}

function completenessText({ status, reasons, agents, source, traffic }: Completeness): string {
  const missing = agents.missing.length > 0 ? `, missing ${agents.missing.join(', ')}` : '';
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  return `${status}${why}: ${agents.reporting} of ${agents.expected} agents${missing}, source ${source}, traffic ${traffic}`;
}

function contributorsText({ contributors }: AlertEvidence): string {
  return contributors
    .slice(0, CONTRIBUTORS_SHOWN)
    .map(({ key, value, previous }) => {
      const before = previous === null ? '' : `${scalarText(previous)} → `;
      return `${keyValues(key)} ${before}${scalarText(value)}`;
    })
    .join('; ');
}

/** `path=/api/play status=503`. */
function eventText(event: ValueObject): string {
  const fields = Object.entries(event).map(([name, value]) => `${name}=${scalarText(value)}`);
  return cut(fields.join(' '), EXEMPLAR_MAX);
}

function keyValues(key: ValueObject): string {
  return Object.values(key).map(scalarText).join('/');
}

function scalarText(value: Value): string {
  if (typeof value === 'number' && !Number.isInteger(value))
    return String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
