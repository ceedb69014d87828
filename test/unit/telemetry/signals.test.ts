import { describe, expect, test } from 'vitest';
import { DROP_REASONS, SIGNALS } from '../../../src/telemetry/signals.ts';
import type { SignalSpec } from '../../../src/telemetry/signals.ts';

const UNITS = [
  ...['events', 'frames', 'bytes', 'queries', 'subscriptions', 'windows', 'panes', 'groups'],
  ...['values', 'ms', 'clients', 'messages', 'requests', 'request_ms', 'agents', 'connections'],
  ...['shards', 'restarts', 'seconds', 'rules', 'alerts', 'transitions', 'failures', 'reloads'],
  ...['notifications', 'receivers', 'incidents', 'silences', 'series', 'rows'],
];

describe('the catalogue of signals', () => {
  test.each(Object.entries<SignalSpec>(SIGNALS))('%s is named after its unit', (name, spec) => {
    expect(name).toMatch(/^squilla_[a-z0-9_]+$/);
    expect(name.endsWith('_total')).toBe(spec.kind === 'counter');
    const unit = UNITS.find((candidate) => name.replace(/_total$/, '').endsWith(`_${candidate}`));
    expect(unit).toBeDefined();
  });

  test.each(Object.entries<SignalSpec>(SIGNALS))('%s is explained', (_, spec) => {
    expect(spec.help).toMatch(/^[A-Z].*[^.]$/);
    for (const [label, values] of Object.entries(spec.labels)) {
      expect(label).toMatch(/^[a-z]+$/);
      expect(new Set(values).size).toBe(values.length);
      expect(values.length).toBeGreaterThan(1);
    }
  });

  test('counts every drop reason', () => {
    expect(SIGNALS.squilla_dropped_events_total.labels.reason).toEqual(Object.keys(DROP_REASONS));
  });
});
