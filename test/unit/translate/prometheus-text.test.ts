/** What targets say: the formats' own examples, and lines that no target should say. */
import { describe, expect, test } from 'vitest';
import { readPrometheusText } from '../../../src/translate/prometheus-text.ts';
import type { PrometheusSample } from '../../../src/translate/prometheus-text.ts';

function read(text: string, isOpenMetrics = false): ReturnType<typeof readPrometheusText> {
  return readPrometheusText(text, { samplesMax: 1_000, isOpenMetrics });
}

function one(text: string, isOpenMetrics = false): PrometheusSample | undefined {
  const { samples, errors } = read(text, isOpenMetrics);
  expect(errors).toStrictEqual([]);
  return samples[0];
}

test.each<[string, Partial<PrometheusSample>]>([
  ['up 1', { name: 'up', labels: {}, value: 1, type: null, timeMs: null, exemplar: null }],
  [
    'http_requests_total{method="post",code="200"} 1027 1395066363000',
    { labels: { method: 'post', code: '200' }, value: 1_027, timeMs: 1_395_066_363_000 },
  ],
  ['a{b="c",} 1', { labels: { b: 'c' } }],
  ['a { b = "c" , d = "e" } 2', { labels: { b: 'c', d: 'e' }, value: 2 }],
  [
    'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
    {
      labels: { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
      value: 1_458_255_915,
    },
  ],
  [
    'something_weird{problem="division by zero"} +Inf -3982045',
    { value: null, timeMs: -3_982_045 },
  ],
  ['a NaN', { value: null }],
  ['a -Inf', { value: null }],
  ['a -1.5e-3', { value: -0.0015 }],
  ['a\t.5', { value: 0.5 }],
  ['{"my.metric","a.b"="c"} 3', { name: 'my.metric', labels: { 'a.b': 'c' }, value: 3 }],
  ['a{__proto__="x"} 1', { labels: JSON.parse('{"__proto__":"x"}') as Record<string, string> }],
  ['a{b="}"} 1', { labels: { b: '}' } }],
  [':recorded:rule 1', { name: ':recorded:rule' }],
])('%s', (line, sample) => {
  expect(one(line)).toMatchObject(sample);
});

test.each(['constructor', '__proto__', 'toString'])(
  'a type called %s is nothing special',
  (type) => {
    const sample = one(`# TYPE a ${type}\na_b 1`);
    expect(sample).toMatchObject({ name: 'a_b', type: null, isCounter: false });
    expect(one(`# TYPE a ${type}\na 1`)).toMatchObject({ name: 'a', isCounter: false });
  },
);

test('families say the types of their samples', () => {
  const { samples } = read(`# HELP http_requests_total all
# TYPE http_requests_total counter
http_requests_total 3
# TYPE h histogram
h_bucket{le="1"} 1
h_sum 2
h_count 1
# TYPE s summary
s{quantile="0.5"} 3
s_sum 4
s_count 1
# TYPE g gauge
g 4
# TYPE plain untyped
plain 1
g_count 7
`);
  expect(samples.map(({ name, type, isCounter }) => [name, type, isCounter])).toStrictEqual([
    ['http_requests_total', 'counter', true],
    ['h_bucket', 'histogram', true],
    ['h_sum', 'histogram', true],
    ['h_count', 'histogram', true],
    ['s', 'summary', false],
    ['s_sum', 'summary', true],
    ['s_count', 'summary', true],
    ['g', 'gauge', false],
    ['plain', 'unknown', false],
    ['g_count', null, false],
  ]);
});

test('OpenMetrics: units, times in seconds, exemplars, _created', () => {
  const text = `# TYPE acme_seconds histogram
# UNIT acme_seconds seconds
# HELP acme_seconds Latency.
acme_seconds_bucket{path="/",le="0.5"} 6 1520879607.789 # {trace_id="abc"} 0.43 1520879600.5
acme_seconds_created{path="/"} 1605281325.0
# TYPE foo counter
foo_total 17.0 # {} 1
# TYPE jobs info
jobs_info{name="a"} 1
# EOF
`;
  const { samples, errors } = read(text, true);
  expect(errors).toStrictEqual([]);
  expect(samples).toMatchObject([
    {
      ...{ type: 'histogram', unit: 'seconds', isCounter: true, timeMs: 1_520_879_607_789 },
      exemplar: { labels: { trace_id: 'abc' }, value: 0.43, timeMs: 1_520_879_600_500 },
    },
    { name: 'acme_seconds_created', isCounter: false },
    { name: 'foo_total', type: 'counter', isCounter: true, exemplar: { labels: {}, value: 1 } },
    { name: 'jobs_info', type: 'info', isCounter: false },
  ]);
});

describe('a line that is no sample', () => {
  test.each([
    ['a', 'no number'],
    ['a b', 'b is no number'],
    ['a 0x10', '0x10 is no number'],
    ['a 1 2 3', 'more behind'],
    ['a{b} 1', 'has no value'],
    ['a{b=c} 1', 'no text in quotes'],
    ['a{b="c" d="e"} 1', 'comma between'],
    ['a{b="c"', 'comma between'],
    ['{} 1', 'begins with its name'],
    ['9a 1', 'begins with its name'],
    ['{"a","b"} 1', 'has no value'],
    ['a 1 # {x="y"}', 'no number'],
  ])('%s is said, and takes no other with it', (line, message) => {
    const { samples, errors } = read(`ok 1\n${line}\nok 2`);
    expect(samples.map(({ value }) => value)).toStrictEqual([1, 2]);
    expect(errors).toMatchObject([{ line: 2 }]);
    expect(errors[0]?.message).toContain(message);
  });

  test('beyond the bound none is read', () => {
    const text = 'a 1\n'.repeat(5);
    const { samples, left } = readPrometheusText(text, { samplesMax: 3, isOpenMetrics: false });
    expect([samples.length, left]).toStrictEqual([3, 2]);
  });
});
