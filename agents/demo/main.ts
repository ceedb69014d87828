/**
 * Process entry of the demo: `node demo/main.js [--url ws://127.0.0.1:7071] [--rate 2000]
 * [--seed 1] [--day-ms 600000]`, else SQUILLA_INGEST_URL, and SQUILLA_TOKEN. Commands come as
 * messages of the parent process or as lines of JSON on standard input, and are answered the same
 * way; a `request` in a command stands in its answer too. docs/agents.md, "The demo", describes
 * both. Ends with its parent, on SIGTERM and on SIGINT.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/core/clock.ts';
import { Fleet } from './fleet.ts';
import { readCommand } from './incident.ts';
import type { DemoCommand } from './incident.ts';
import { World } from './world.ts';

/** The world moves on this often. */
const STEP_MS = 20;
/** After standing still (a sleeping laptop), no more than this is made up for. */
const STEP_MS_MAX = 200;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: process.env['SQUILLA_INGEST_URL'] ?? 'ws://127.0.0.1:7071' },
    rate: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    'day-ms': { type: 'string', default: '600000' },
  },
});

const world = new World({
  seed: numberOf('seed', values.seed),
  eventsPerSecond: numberOf('rate', values.rate),
  dayMs: numberOf('day-ms', values['day-ms']),
});
const token = process.env['SQUILLA_TOKEN'];
const fleet = new Fleet({ url: values.url, ...(token === undefined ? {} : { token }) });

let lastMs = systemClock.now();
const timer = setInterval(() => {
  const nowMs = systemClock.now();
  const elapsedMs = Math.min(nowMs - lastMs, STEP_MS_MAX);
  lastMs = nowMs;
  world.step(nowMs, elapsedMs, (region, stream, event) => fleet.publish(region, stream, event));
}, STEP_MS);

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  clearInterval(timer);
  await fleet.close();
  process.exit(0);
}

process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
process.on('disconnect', () => void end());
process.on('message', (message) => process.send?.(answerTo(message)));

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.trim() !== '') process.stdout.write(`${JSON.stringify(answerTo(parsed(line)))}\n`);
});

function answerTo(message: unknown): object {
  const command = readCommand(message);
  const request = (message as { request?: unknown } | null)?.request;
  const about = { type: 'demo', ...(typeof request === 'number' ? { request } : {}) };
  if (!command.ok) return { ...about, ok: false, error: command.error };
  obey(command.value);
  return { ...about, ok: true, incidents: Object.fromEntries(world.incidents) };
}

function obey(command: DemoCommand): void {
  if (command.type === 'break') {
    heal(command.region);
    world.break(command.region, command.kind);
    if (command.kind === 'agents-die') fleet.kill(command.region);
  } else if (command.type === 'heal') {
    const regions = command.region === null ? [...world.incidents.keys()] : [command.region];
    for (const region of regions) heal(region);
  }
}

function heal(region: string): void {
  world.heal(region);
  fleet.revive(region);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  process.stderr.write(`demo: --${name} must be a number above 0\n`);
  process.exit(2);
}
