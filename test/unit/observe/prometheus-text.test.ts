import { describe, expect, test } from 'vitest';
import { LatencyRecorder } from '../../../src/observe/latency.ts';
import { metricFamilies } from '../../../src/observe/metric-families.ts';
import type { LatencyRecorders } from '../../../src/observe/metric-families.ts';
import { renderPrometheusText } from '../../../src/observe/prometheus-text.ts';
import type { MetricFamily } from '../../../src/observe/prometheus-text.ts';
import { CounterBlock, slotOf } from '../../../src/telemetry/counters.ts';
import { SIGNALS } from '../../../src/telemetry/signals.ts';
import type { SignalSpec } from '../../../src/telemetry/signals.ts';

function family(changes: Partial<MetricFamily>): MetricFamily {
  const samples = [{ labels: {}, value: 1 }];
  return { name: 'squilla_things_total', kind: 'counter', help: 'Things', samples, ...changes };
}

describe('the text format', () => {
  const cases: { name: string; given: readonly MetricFamily[]; expected: string[] }[] = [
    { name: 'nothing is an empty text', given: [], expected: [''] },
    {
      name: 'a counter without labels',
      given: [family({})],
      expected: [
        '# HELP squilla_things_total Things',
        '# TYPE squilla_things_total counter',
        'squilla_things_total 1',
        '',
      ],
    },
    {
      name: 'label values and help are escaped',
      given: [
        family({
          help: 'a\\b\nc "d"',
          kind: 'gauge',
          samples: [{ labels: { path: 'C:\\x\n"y"' }, value: 2 }],
        }),
      ],
      expected: [
        String.raw`# HELP squilla_things_total a\\b\nc "d"`,
        '# TYPE squilla_things_total gauge',
        String.raw`squilla_things_total{path="C:\\x\n\"y\""} 2`,
        '',
      ],
    },
    {
      name: 'names that are not allowed are mended',
      given: [family({ name: '9 lives:ü', samples: [{ labels: { 'a:b-c': '' }, value: 0 }] })],
      expected: [
        '# HELP _9_lives:_ Things',
        '# TYPE _9_lives:_ counter',
        '_9_lives:_{a_b_c=""} 0',
        '',
      ],
    },
    {
      name: 'numbers that JSON does not know',
      given: [
        family({
          samples: [Infinity, -Infinity, NaN, 1e21, 0.1].map((value, i) => ({
            labels: { i: String(i) },
            value,
          })),
        }),
      ],
      expected: [
        '# HELP squilla_things_total Things',
        '# TYPE squilla_things_total counter',
        'squilla_things_total{i="0"} +Inf',
        'squilla_things_total{i="1"} -Inf',
        'squilla_things_total{i="2"} NaN',
        'squilla_things_total{i="3"} 1e+21',
        'squilla_things_total{i="4"} 0.1',
        '',
      ],
    },
    {
      name: 'a histogram ends in +Inf, sum and count',
      given: [
        family({
          name: 'squilla_wait_ms',
          kind: 'histogram',
          samples: [{ labels: { kind: 'a' }, bounds: [0.5, 1], counts: [1, 3], count: 4, sum: 9 }],
        }),
      ],
      expected: [
        '# HELP squilla_wait_ms Things',
        '# TYPE squilla_wait_ms histogram',
        'squilla_wait_ms_bucket{kind="a",le="0.5"} 1',
        'squilla_wait_ms_bucket{kind="a",le="1"} 3',
        'squilla_wait_ms_bucket{kind="a",le="+Inf"} 4',
        'squilla_wait_ms_sum{kind="a"} 9',
        'squilla_wait_ms_count{kind="a"} 4',
        '',
      ],
    },
  ];
  test.each(cases)('$name', ({ given, expected }) => {
    expect(renderPrometheusText(given)).toBe(expected.join('\n'));
  });
});

describe('the families of the catalogue', () => {
  test('every signal appears once a recorder is there, zeros included', () => {
    const recorders: LatencyRecorders = Object.fromEntries(
      Object.entries<SignalSpec>(SIGNALS)
        .filter(([, { kind }]) => kind === 'histogram')
        .map(([name]) => [name, new LatencyRecorder()]),
    );
    const families = metricFamilies([new CounterBlock()], recorders);
    expect(families.map(({ name }) => name)).toEqual(Object.keys(SIGNALS));
  });

  test('a histogram without a recorder is left out', () => {
    const names = metricFamilies([], {}).map(({ name }) => name);
    expect(names).not.toContain('squilla_tick_ms');
  });

  test('threads are summed and labels told apart', () => {
    const blocks = [new CounterBlock(), new CounterBlock()];
    const future = slotOf('squilla_dropped_events_total', { reason: 'future' });
    for (const block of blocks) block.add(future, 2);
    const text = renderPrometheusText(metricFamilies(blocks, {}));
    expect(text).toContain('squilla_dropped_events_total{reason="future"} 4\n');
    expect(text).toContain('squilla_dropped_events_total{reason="queue"} 0\n');
  });

  test('a recorder becomes a histogram', () => {
    const recorder = new LatencyRecorder();
    recorder.record(3);
    const text = renderPrometheusText(metricFamilies([], { squilla_tick_ms: recorder }));
    expect(text).toContain('squilla_tick_ms_bucket{le="2.5"} 0\n');
    expect(text).toContain('squilla_tick_ms_bucket{le="5"} 1\n');
    expect(text).toContain('squilla_tick_ms_count 1\n');
  });
});
