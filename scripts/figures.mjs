/**
 * `node scripts/figures.mjs`: writes what the benches last measured into README.md, between the
 * markers, so that no figure there was typed by hand. `--check` writes nothing and fails if they
 * differ.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const RESULTS = path.join(ROOT, 'bench', 'results');
const README = path.join(ROOT, 'README.md');
const START = '<!-- figures:start -->';
const END = '<!-- figures:end -->';

/**
 * One line of the table: `bench`, `metric` and, where a bench has several, the start of `case`.
 * `node24`: of the results in the folder of that name.
 */
const LINES = [
  {
    text: 'CPU for a million events through ten queries',
    bench: 'ingest',
    metric: 'cpuSecondsPerMillionEvents',
  },
  {
    text: 'events a second on one shard, generator on the same machine',
    bench: 'ingest',
    metric: 'eventsPerSecond',
  },
  {
    text: 'times less CPU than parsing JSON into rows',
    bench: 'ingest',
    metric: 'ratioToBaseline',
  },
  {
    text: 'CPU for a million events over ws, Node 24',
    bench: 'node24/ingest',
    metric: 'cpuSecondsPerMillionEvents',
  },
  {
    text: 'times less CPU than parsing JSON into rows, over ws, Node 24',
    bench: 'node24/ingest',
    metric: 'ratioToBaseline',
  },
  ...[100, 1_000, 10_000].map((queries) => ({
    text: `events a second under ${queries.toLocaleString('en-US')} distinct live queries`,
    bench: 'many-queries',
    metric: 'eventsPerSecond',
    case: `${queries} queries`,
  })),
  {
    text: 'an event into one of 10,000 groups with a p99 each',
    bench: 'high-cardinality',
    metric: 'cpuNanosecondsPerEvent',
    case: '10,000 groups',
  },
  {
    text: 'a result to one of 1,000 live clients, ten results at once',
    bench: 'fan-out',
    metric: 'cpuMicrosecondsPerMessage',
    case: '1,000 clients of ten queries',
  },
  {
    text: 'a shard fails under load, until the next result',
    bench: 'recovery',
    metric: 'resultsAfterMax',
    case: 'a shard fails',
  },
  {
    text: 'the engine is killed under load, until the next result',
    bench: 'recovery',
    metric: 'resultsAfterMax',
    case: 'the engine is killed',
  },
  {
    text: 'end of a window to its answer at the client, beyond the slack, p50',
    bench: 'close',
    metric: 'closeDelayP50',
  },
  { text: 'the same, p99', bench: 'close', metric: 'closeDelayP99' },
  {
    text: 'of which the load itself once stood still for',
    bench: 'close',
    metric: 'worstSendDelay',
  },
  { text: 'event to client without a window, p50', bench: 'tail', metric: 'eventToClientP50' },
  { text: 'the same, p99', bench: 'tail', metric: 'eventToClientP99' },
  { text: 'events a second as NDJSON over HTTP', bench: 'http', metric: 'eventsPerSecond' },
  {
    text: 'an event published while nobody asks',
    bench: 'agent',
    metric: 'nsPerEvent',
    case: 'idle',
  },
  {
    text: 'an event published under one grouped count',
    bench: 'agent',
    metric: 'nsPerEvent',
    case: 'group-by',
  },
  {
    text: 'an event published under ten queries',
    bench: 'agent',
    metric: 'nsPerEvent',
    case: 'ten-fused',
  },
  {
    text: 'bytes of a grouped rate of 50 k events/s, of their JSON',
    bench: 'agent',
    metric: 'bytesToJson',
  },
  {
    text: 'a windowed, grouped, ordered query from text to plan',
    bench: 'parse',
    metric: 'microsecondsPerQuery',
    case: 'window',
  },
  {
    text: 'the window that proves an incident to the receiver of its page, p99',
    bench: 'page',
    metric: 'windowToReceiverP99',
    case: 'begin',
  },
  {
    text: 'of five incidents a day found by the rule of `squilla rules new`',
    bench: 'alert-quality',
    metric: 'recall',
  },
  { text: 'pages a day about nothing', bench: 'alert-quality', metric: 'falsePages' },
  {
    text: 'windows of 10 s until half of all starts gone at once pages, at most',
    bench: 'alert-quality',
    metric: 'delayAbruptMax',
  },
];

function resultOf(bench) {
  const file = path.join(RESULTS, `${bench}.json`);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
}

function valueText(value) {
  return value >= 1_000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));
}

function figures() {
  const rows = [];
  const circumstances = new Map();
  for (const line of LINES) {
    const result = resultOf(line.bench);
    const found = result?.cases.find(
      (one) => one.metric === line.metric && one.case.startsWith(line.case ?? ''),
    );
    if (found === undefined) continue;
    const { machine, node, commit, load } = result;
    const text = `${line.bench} at ${commit} (load ${load})`;
    const where = `${machine}, Node ${node}`;
    circumstances.set(where, (circumstances.get(where) ?? new Set()).add(text));
    const hold = found.hold === null ? '' : `${found.hold}${found.ok ? '' : ', missed'}`;
    rows.push(
      `| ${line.text} | ${valueText(found.value)} ${found.unit} | ${hold} | \`${line.bench}\` |`,
    );
  }
  const footer = [...circumstances].map(([where, texts]) => `${where}: ${[...texts].join(', ')}.`);
  return [
    '| | measured | held to | bench |',
    '|---|---:|---|---|',
    ...rows,
    '',
    `${footer.join(' ')} Client, load and engine share the machine; ratios and CPU are worth more`,
    'than rates. `npm run bench -- NAME` measures again, `bench/README.md` says how.',
  ].join('\n');
}

const text = fs.readFileSync(README, 'utf8');
const start = text.indexOf(START);
const end = text.indexOf(END);
if (start === -1 || end < start) {
  process.stderr.write(`README.md has no ${START} … ${END}\n`);
  process.exit(1);
}
const filled = `${text.slice(0, start + START.length)}\n${figures()}\n${text.slice(end)}`;
if (process.argv.includes('--check')) {
  if (filled !== text) process.stderr.write('README.md differs: node scripts/figures.mjs\n');
  process.exitCode = filled === text ? 0 : 1;
} else {
  fs.writeFileSync(README, filled);
}
