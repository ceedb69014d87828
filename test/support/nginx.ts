/**
 * A real nginx on a free port with the log format that the agents' `combined` parser reads with
 * `$msec` and `$request_time`, and the agent that tails its log. Nine of ten answers are 200, the
 * others 404. `endAll` of engine-process.ts ends both.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/gateway/free-port.ts';
import { start, startSquilla, temporaryFolder, until } from './engine-process.ts';
import type { EngineProcess } from './engine-process.ts';

export interface Nginx {
  readonly url: string;
  readonly log: string;
  /** Requests that nginx has served so far, this question included. */
  readonly served: () => Promise<number>;
}

function configuration(folder: string, port: number): string {
  const buffers = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = buffers.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n  ');
  return `daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 64; }
http {
  ${paths}
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                   '"$http_referer" "$http_user_agent" $msec $request_time';
  access_log ${join(folder, 'access.log')} timed;
  split_clients $request_id $fate { 10% lost; * found; }
  server {
    listen 127.0.0.1:${port};
    location = /served { access_log off; stub_status; }
    location / {
      if ($fate = lost) { return 404 "lost"; }
      return 200 "found";
    }
  }
}
`;
}

export async function startNginx(program: string): Promise<Nginx> {
  const folder = temporaryFolder();
  const port = await freePort('127.0.0.1');
  const file = join(folder, 'nginx.conf');
  mkdirSync(join(folder, 'logs'));
  writeFileSync(file, configuration(folder, port));
  const nginx = start(program, ['-p', folder, '-c', file, '-e', join(folder, 'error.log')]);
  const url = `http://127.0.0.1:${port}`;
  const served = async (): Promise<number> => {
    const text = await (await fetch(`${url}/served`)).text();
    return Number(/requests\s+\d+ \d+ (\d+)/.exec(text)?.[1]);
  };
  await until(async () => served().catch(() => null), `nginx answers: ${nginx.err()}`);
  return { url, log: join(folder, 'access.log'), served };
}

/** Lines of a file that are complete. */
export function linesOf(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}

/** Resolves when the engine knows the agent. */
export async function startTail(engine: EngineProcess, log: string): Promise<void> {
  const tail = startSquilla('agent', 'tail', log, '--stream', 'nginx', '--url', engine.ingestUrl);
  await until(async () => {
    const { agents } = (await engine.get('/api/v1/agents')) as { agents: { state: string }[] };
    return agents[0]?.state === 'live';
  }, `the tail is connected: ${tail.err()}`);
}
