/**
 * docs/agents.md is pasted: each fence whose info says `runs=STREAM` runs as it stands, but for the
 * engine's address and folders that not every machine has, and its stream answers.
 */
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import {
  endAll,
  killTree,
  start,
  startEngine,
  temporaryFolder,
  until,
} from '../support/engine-process.ts';
import type { EngineProcess, RunningProcess } from '../support/engine-process.ts';
import { readEvents, windowsOf } from '../support/result-reader.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/agents.md'), 'utf8');
const LINES_MAX = 5;
/** Packages that examples import; they are installed where this page is read. */
const PACKAGES: readonly string[] = ['express', 'fastify', 'pino', '@opentelemetry'];
/** What a service does that an example shows the beginning of. */
const GOES_ON: readonly (readonly [word: string, line: string])[] = [
  [
    'const app = express()',
    'app.listen(0, "127.0.0.1", function () { ask(this.address().port); });',
  ],
  ['const app = fastify()', 'app.listen({ port: 0 }).then(() => ask(app.server.address().port));'],
  ['const logger', 'setInterval(() => logger.info("still here"), 20);'],
  ['instrument(agent)', 'setInterval(() => undefined, 1_000);'],
  [
    'createSpanProcessor',
    'setInterval(() => provider.getTracer("app").startSpan("GET /").end(), 20);',
  ],
  ['observeConsole(', 'setInterval(() => console.log("still here"), 20);'],
];
const ASK = 'const ask = (port) => setInterval(() => fetch(`http://127.0.0.1:${port}/`), 20);';

/** An app that knows nothing of us: its exporter takes everything from the environment. */
const APP = `import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
const spanProcessors = [new SimpleSpanProcessor(new OTLPTraceExporter())];
const tracer = new BasicTracerProvider({ spanProcessors }).getTracer('app');
setInterval(() => tracer.startSpan('GET /').end(), 20);
`;
const LISTENERS = ['statsd', 'syslog'];

interface Example {
  readonly line: number;
  readonly language: string;
  readonly stream: string;
  readonly body: string;
}

const EXAMPLES: readonly Example[] = [
  ...PAGE.matchAll(/^```(\w+) runs=(\S+)\n([\s\S]*?)^```$/gm),
].map(({ index, 1: language = '', 2: stream = '', 3: body = '' }) => {
  return { line: PAGE.slice(0, index).split('\n').length, language, stream, body };
});

let engine: EngineProcess;
let folder = '';
let writing: NodeJS.Timeout;

beforeAll(async () => {
  const flags = LISTENERS.flatMap((name) => ['--listen', `${name}=0`]);
  engine = await startEngine({ flags });
  folder = temporaryFolder();
  for (const place of ['bin', 'node_modules', 'log']) mkdirSync(join(folder, place));
  const bin = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'dist/src/bin.js')}' "$@"\n`;
  writeFileSync(join(folder, 'bin/squilla'), bin, { mode: 0o755 });
  symlinkSync(ROOT, join(folder, 'node_modules/squilla'));
  for (const name of PACKAGES) {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'app.mjs'), APP);
  writing = setInterval(writeLogs, 20);
});

afterAll(async () => {
  clearInterval(writing);
  await endAll();
});

function writeLogs(): void {
  const at = systemClock.now() / 1_000;
  const line = `10.0.0.1 - - [21/Nov/2026:07:30:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x" ${at.toFixed(3)} 0.001`;
  appendFileSync(join(folder, 'log/access.log'), `${line}\n`);
}

/** As the engine's banner tells it. */
function listenerPort(name: string): string {
  return new RegExp(`^\\s*${name} .*:(\\d+)$`, 'm').exec(engine.out())?.[1] ?? '';
}

function run({ line, language, body }: Example): RunningProcess {
  const text = body
    .replaceAll('ws://127.0.0.1:7071', engine.ingestUrl)
    .replaceAll('http://127.0.0.1:7071', `http://127.0.0.1:${engine.ingestPort}`)
    // The engine is a target as good as any.
    .replaceAll('http://127.0.0.1:9100', engine.url)
    .replace('8125', listenerPort('statsd'))
    .replace('5514', listenerPort('syslog'))
    .replaceAll('node app.js', `exec '${process.execPath}' '${folder}/app.mjs'`)
    .replaceAll('/var/log/nginx/', `${folder}/log/`);
  const env = {
    PATH: `${folder}/bin${delimiter}${process.env['PATH'] ?? ''}`,
    SQUILLA_INGEST_URL: engine.ingestUrl,
    PYTHONPATH: join(ROOT, 'docs/examples'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  if (language === 'sh') return start('sh', ['-c', text], env);
  if (language === 'python') return start('python3', ['-c', text], env);
  const file = join(folder, `line-${line}.mjs`);
  const more = GOES_ON.filter(([word]) => text.includes(word)).map(([, line]) => line);
  writeFileSync(file, [text, ASK, ...more].join('\n'));
  return start(process.execPath, [file], env);
}

describe('docs/agents.md', () => {
  test('has examples that run', () => {
    expect(EXAMPLES.length).toBeGreaterThan(3);
  });

  test.each(EXAMPLES)('line $line answers on $stream', async (example) => {
    const lines = example.body.split('\n').filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(LINES_MAX);
    const reader = await readEvents(engine.url, `select * from ${example.stream}`);
    let started = run(example);
    const has = (): boolean => {
      // What sends one event may have sent it before the shards had heard of the query.
      if (started.child.exitCode === 0) started = run(example);
      return windowsOf(reader).some(({ rows }) => rows.length > 0);
    };
    await until(has, `rows of ${example.stream}`, 20_000).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${started.out()}${started.err()}`);
    });
    killTree(started.pid);
    reader.close();
  });
});
