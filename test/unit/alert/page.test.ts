/** A page in words: what a tired human reads. */
import { describe, expect, test } from 'vitest';
import type { NotifiedAlert } from '../../../src/alert/notify/notified-alert.ts';
import { linesOf, pageText } from '../../../src/alert/receivers/page.ts';
import type { AlertEvidence } from '../../../src/alert/transition.ts';
import { EVIDENCE } from '../../support/notify-world.ts';
import { sampleAlert, sampleNotification } from '../../support/sample-notification.ts';

function withEvidence(changes: Partial<AlertEvidence>): NotifiedAlert {
  return sampleAlert({ evidence: { ...EVIDENCE, ...changes } });
}

function line(alert: NotifiedAlert, name: string): string | undefined {
  return linesOf(alert).find((one) => one.name === name)?.text;
}

describe('a page', () => {
  test('says all that a rule knows, in the order of its questions', () => {
    expect(pageText(sampleNotification())).toBe(`[FIRING] sps-drop (region=eu-west): starts fell

what    starts fell
where   region=eu-west
why     value 3 below 10 for 30 s
since   2026-01-05T12:00:00Z
value   sps 3 (before 100), expected 98
trend   █·▁
seen    complete: 3 of 3 agents, source live, traffic flowing
moved   eu-west 60 → 3
example title=Ocean status=503
detail  from 100 to 3 <b>
owner   playback
runbook https://wiki.test/sps
query   http://squilla.test/#q=select&run=1`);
  });

  test('without a baseline says what was usual before it came to this', () => {
    const points = [240, 250, 245, null, 8, 7, 6].map((value, atMs) => ({ atMs, value }));
    const alert = withEvidence({ baseline: null, previous: { sps: 7 }, sparkline: points });
    expect(line(alert, 'value')).toBe('sps 3 (before 7, usually 245)');
    // At its end that would be what was bad.
    expect(line({ ...alert, endsAtMs: 1 }, 'value')).toBe('sps 3 (before 7)');
  });

  test('tells the window, the key and lists elsewhere', () => {
    const values = { window_start: 1, window_end: 2, region: 'eu-west', sps: 3, examples: [] };
    expect(line(withEvidence({ values }), 'value')).toBe('sps 3 (before 100), expected 98');
  });

  test('shows three examples and not too much of each', () => {
    const event = (title: string) => ({ title });
    const exemplars = ['a', 'b', 'c', 'd'].map(event);
    expect(line(withEvidence({ exemplars }), 'example')).toBe('title=a; title=b; title=c');
    const long = line(withEvidence({ exemplars: [event('x'.repeat(5_000))] }), 'example');
    expect(long?.length).toBe(200);
    // What an earlier version wrote down has none.
    const { exemplars: _, ...older } = EVIDENCE;
    expect(line(sampleAlert({ evidence: older }), 'example')).toBeUndefined();
  });
});
