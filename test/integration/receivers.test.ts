/** Senders over real sockets: what they refuse to reach, how long they wait, how much they read. */
import { afterEach, describe, expect, test } from 'vitest';
import { SMTPServer } from 'smtp-server';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { readNotifyConfig } from '../../src/alert/notify/read-config.ts';
import type { Notification } from '../../src/alert/notify/notification.ts';
import type { Delivery } from '../../src/alert/receivers/contract.ts';
import { assert } from '../../src/core/assert.ts';
import { exchangeHttp } from '../../src/outbound/http-exchange.ts';
import type { HttpAsk } from '../../src/outbound/http-exchange.ts';
import { runProgram } from '../../src/outbound/program.ts';
import { sendMail } from '../../src/outbound/smtp.ts';
import { isPrivateAddress } from '../../src/outbound/private-address.ts';
import { closeHookServers, startHookServer } from '../support/hook-server.ts';
import { endedSample, sampleNotification } from '../support/sample-notification.ts';

afterEach(closeHookServers);

function post(url: string, changes: Partial<HttpAsk> = {}): ReturnType<typeof exchangeHttp> {
  return exchangeHttp({
    method: 'POST',
    remedy: 'it may be allowed',
    url,
    headers: {},
    body: '{}',
    allowPrivate: true,
    timeoutMs: 2_000,
    responseBytesMax: 1_000,
    ...changes,
  });
}

describe('addresses', () => {
  test.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0'],
    ...['100.64.0.1', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', 'ff02::1'],
    ...['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::'],
    ...['fe80::1%eth0', 'no address', ''],
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));

  test.each(['1.1.1.1', '172.32.0.1', '192.167.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    '%s is public',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );

  test.each([
    ...['http://127.0.0.1:PORT/', 'http://localhost:PORT/', 'http://[::ffff:127.0.0.1]:PORT/'],
    // Other ways to write 127.0.0.1, which a browser knows, too.
    ...['http://2130706433:PORT/', 'http://0x7f.1:PORT/', 'http://0177.0.0.1:PORT/'],
  ])('%s is not reached unless it is allowed', async (template) => {
    const server = await startHookServer();
    const url = template.replace('PORT', String(server.port));
    const answer = await post(url, { allowPrivate: false });
    expect(answer).toMatchObject({ status: null, isRefused: true });
    expect(server.hooks).toEqual([]);
  });
});

describe('HTTP', () => {
  test('a redirect is not followed', async () => {
    const target = await startHookServer();
    const server = await startHookServer();
    server.answer = () => ({ status: 307, headers: { Location: target.url } });
    expect(await post(server.url)).toMatchObject({ status: 307 });
    expect(target.hooks).toEqual([]);
  });

  test('an answer is read up to its bound', async () => {
    const server = await startHookServer();
    server.answer = () => ({ status: 200, body: Buffer.alloc(5_000_000, 'x') });
    const answer = await post(server.url);
    expect(answer).toMatchObject({ status: 200 });
    if (answer.status !== null) expect(answer.text).toHaveLength(1_000);
  });

  test('no answer is waited for longer than allowed', async () => {
    const server = await startHookServer();
    server.answer = () => null;
    const answer = await post(server.url, { timeoutMs: 100 });
    expect(answer).toEqual({ status: null, reason: 'no answer within 100 ms', isRefused: false });
  });

  test('nobody there is an answer of its own', async () => {
    const server = await startHookServer();
    await server.close();
    expect(await post(server.url)).toMatchObject({ status: null, isRefused: false });
  });
});

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

describe('e-mail', () => {
  const servers: SMTPServer[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    }
  });

  async function startSmtp(refusal: (Error & { responseCode: number }) | null = null): Promise<{
    readonly port: number;
    readonly mails: Mail[];
  }> {
    const mails: Mail[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString('utf8'),
          });
          done(refusal);
        });
      },
    });
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return { port: (server.server.address() as AddressInfo).port, mails };
  }

  function mail(port: number, notification: Notification, more = 'tls: none'): Promise<Delivery> {
    const text = `receivers: { m: { type: email, host: 127.0.0.1, port: ${port}, from: squilla@a.test, to: [on@b.test, call@b.test], ${more} } }`;
    const read = readNotifyConfig([{ path: 'x.yaml', text }]);
    assert(read.ok, () => (read.ok ? '' : read.error.join('\n')));
    const receiver = read.value.receivers.get('m')?.create({
      ...{ http: exchangeHttp, mail: sendMail, run: runProgram },
      imageUrl: () => null,
      log: () => undefined,
      deliveryMs: 2_000,
      responseBytesMax: 1_000,
    });
    assert(receiver !== undefined, () => 'no receiver');
    return receiver.deliver(notification, null);
  }

  test('is a page in words, and its end joins the thread', async () => {
    const { port, mails } = await startSmtp();
    expect(await mail(port, sampleNotification())).toMatchObject({ outcome: 'taken' });
    expect(await mail(port, endedSample())).toMatchObject({ outcome: 'taken' });
    const [page, end] = mails;
    expect(page).toMatchObject({ from: 'squilla@a.test', to: ['on@b.test', 'call@b.test'] });
    expect(page?.text).toContain('Subject: [FIRING] sps-drop (region=eu-west): starts fell');
    expect(page?.text).toContain('Auto-Submitted: auto-generated');
    expect(page?.text).toContain(`References: <${'i'.repeat(32)}@a.test>`);
    expect(end?.text).toContain(`References: <${'i'.repeat(32)}@a.test>`);
    expect(end?.text).toContain('Subject: [RESOLVED]');
    expect(page?.text).toMatch(/Content-Type: image\/png; name=trend\.png/);
    const plain = (page?.text ?? '').replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
    expect(plain).toMatch(/since {3}2026-01-05T12:00:00Z/);
    expect(plain).toMatch(/value {3}sps 3 \(before 100\), expected 98/);
  });

  test('is not sent in plain text unless that is said', async () => {
    const { port, mails } = await startSmtp();
    const delivery = await mail(port, sampleNotification(), 'tls: starttls');
    expect(delivery.outcome).not.toBe('taken');
    expect(mails).toEqual([]);
  });

  test.each([
    ['says a little now and then', (socket: Socket) => socket.write('220-x\r\n')],
    ['never ends its greeting', (socket: Socket) => socket.write('220-')],
    [
      'says more than there is to say',
      (socket: Socket) => socket.write(`220-${'x'.repeat(50_000)}\r\n`),
    ],
  ])('a server that %s costs one attempt', async (_what, say) => {
    const talking = createTcpServer((socket) => {
      const timer = setInterval(() => say(socket), 20);
      socket.on('error', () => undefined);
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => talking.listen(0, '127.0.0.1', resolve));
    const { port } = talking.address() as AddressInfo;
    expect((await mail(port, sampleNotification())).outcome).toBe('retry');
    await new Promise((resolve) => talking.close(resolve));
  });

  test.each<[number, Delivery['outcome']]>([
    [451, 'retry'],
    [550, 'refused'],
  ])('reply %i means %s', async (responseCode, outcome) => {
    const { port } = await startSmtp(Object.assign(new Error('no'), { responseCode }));
    expect((await mail(port, sampleNotification())).outcome).toBe(outcome);
  });

  test('a label with line breaks makes no header', async () => {
    const { port, mails } = await startSmtp();
    const alerts = sampleNotification().alerts.map((alert) => ({
      ...alert,
      owner: 'a\r\nBcc: evil@c.test',
      labels: { ...alert.labels, alertname: 'x\r\nBcc: evil@c.test' },
    }));
    await mail(port, sampleNotification({ alerts }));
    expect(mails[0]?.to).toEqual(['on@b.test', 'call@b.test']);
    const [head] = (mails[0]?.text ?? '').split('\r\n\r\n');
    expect(head).toContain('Subject:');
    expect(head).not.toMatch(/^Bcc:/m);
  });
});

test('a program that leaves others behind has ended when it ended', async () => {
  const script = 'sleep 3600 & echo $! >&2; exit 3';
  const ask = { command: ['sh', '-c', script], env: {}, input: '', timeoutMs: 3_600_000 };
  const end = await runProgram({ ...ask, outputMax: 100 });
  expect(end).toMatchObject({ code: 3, signal: null });
  process.kill(Number('said' in end ? end.said : ''), 'SIGKILL');
});
