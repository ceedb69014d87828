/** `npm run pack:agent`: the package installs into an empty project and works there. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { queryOf, sourceOf } from '../support/fake-engine.ts';
import { SocketEngine } from '../support/socket-engine.ts';

const ROOT = join(import.meta.dirname, '../..');
const BYTES_MAX = 300 * 1_024;
const folder = mkdtempSync(join(tmpdir(), 'squilla-agent-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SERVICE = `
import { createAgent } from 'squilla-agent';
import { instrument } from 'squilla-agent/node';
import pinoTransport from 'squilla-agent/pino';
import { observePage } from 'squilla-agent/browser';
const agent = createAgent({ url: process.argv[2], service: 'packed' });
instrument(agent);
if (typeof pinoTransport !== 'function' || typeof observePage !== 'function') process.exit(3);
const plays = agent.stream('plays');
const timer = setInterval(() => {
  if (!plays.active) return;
  clearInterval(timer);
  for (let n = 0; n < 10; n++) plays.publish({ n });
  void agent.close('done');
}, 5);
`;

describe('the package squilla-agent', () => {
  test('is small, needs ws and re2js, and works in an empty project', async () => {
    const script = join(ROOT, 'scripts/pack-agent.mjs');
    const tarball = execFileSync(process.execPath, [script, folder], { encoding: 'utf8' }).trim();
    expect(statSync(tarball).size).toBeLessThanOrEqual(BYTES_MAX);

    writeFileSync(join(folder, 'package.json'), '{"name":"empty","private":true,"type":"module"}');
    writeFileSync(join(folder, 'service.js'), SERVICE);
    // What it needs comes from here, so that no registry is asked.
    const needs = ['ws', 're2js'].map((name) => join(ROOT, 'node_modules', name));
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--offline'];
    execFileSync('npm', ['install', ...flags, tarball, ...needs], { cwd: folder });
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => /^\w/.test(name))).toEqual([
      're2js',
      'squilla-agent',
      'ws',
    ]);

    const engine = await SocketEngine.listen();
    engine.queries = [queryOf('plays', sourceOf(['n']))];
    const child = spawn(process.execPath, ['service.js', engine.url], { cwd: folder });
    const code = new Promise((resolve) => child.on('exit', resolve));
    await engine.until(() => engine.rows.length === 10);
    expect(await code).toBe(0);
    await engine.close();
  }, 60_000);
});
