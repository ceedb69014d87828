/** Debian's rsyslog forwards to us: over UDP and TCP, in the old format and the new, by length. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../src/gateway/free-port.ts';
import { fenceWith } from '../support/doc-fences.ts';
import { endAll, start, startEngine, temporaryFolder, until } from '../support/engine-process.ts';
import { describeReal } from '../support/real.ts';
import { readEvents, rowsOf } from '../support/result-reader.ts';

afterEach(endAll);

const WAYS = [
  { way: 'UDP, RFC 3164', action: 'protocol="udp" template="RSYSLOG_TraditionalForwardFormat"' },
  { way: 'UDP, RFC 5424', action: 'protocol="udp" template="RSYSLOG_SyslogProtocol23Format"' },
  { way: 'TCP by line', action: 'protocol="tcp" template="RSYSLOG_ForwardFormat"' },
  { way: 'as docs/sources.md has it (RFC 5424)', action: null },
  {
    way: 'TCP by length',
    action: 'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"',
  },
] as const;

describeReal('rsyslog', ['rsyslogd'], (paths) => {
  test.each(WAYS)('$way', async ({ way, action }) => {
    const engine = await startEngine({ flags: ['--listen', 'syslog=0'] });
    const port = Number(/syslog +udp\+tcp:\/\/[^:]+:(\d+)/.exec(engine.out())?.[1]);
    const seen = await readEvents(
      engine.url,
      'select facility, severity, host, app, pid, message, format from syslog',
    );
    const shown = fenceWith('docs/sources.md', 'text', 'omfwd').replace('5514', String(port));
    const rule =
      action === null
        ? shown
        : `*.* action(type="omfwd" target="127.0.0.1" port="${port}" ${action})`;
    const folder = temporaryFolder();
    const input = await freePort('127.0.0.1');
    const config = join(folder, 'rsyslog.conf');
    writeFileSync(
      config,
      `global(workDirectory="${folder}" net.enableDNS="off" localHostname="relay")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="${input}")
${rule}
`,
    );
    start(paths.rsyslogd, ['-n', '-f', config, '-i', join(folder, 'pid')]);
    // Nobody says when it listens: the same message again and again until one is through.
    const socket = createSocket('udp4');
    const text = "<35>Jan  3 12:00:00 source sshd[4711]: Failed password for 'root'";
    try {
      await until(
        () => {
          socket.send(text, input, '127.0.0.1');
          return rowsOf(seen).some(({ app }) => app === 'sshd');
        },
        `a message over ${way}`,
        30_000,
      );
    } finally {
      socket.close();
    }
    expect(rowsOf(seen).find(({ app }) => app === 'sshd')).toEqual({
      ...{ facility: 'auth', severity: 'error', host: 'source', app: 'sshd', pid: '4711' },
      message: "Failed password for 'root'",
      format: way.includes('5424') || way.includes('length') ? 'rfc5424' : 'rfc3164',
    });
    const ledger = (await engine.get('/api/v1/ledger')) as { closes: boolean };
    expect(ledger.closes).toBe(true);
  });
});
