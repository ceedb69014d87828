/** Both adapters of the ingest port take requests alike, as far as a sender can tell. */
import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseTransport } from '../../src/gateway/choose-transport.ts';
import type { IngestListener } from '../../src/gateway/ingest-transport.ts';
import { callPort } from '../support/gateway-harness.ts';
import { adapters, Recorder } from '../support/transport-recorder.ts';

describe.each(adapters.filter(({ skip }) => !skip))('requests over $label', ({ name }) => {
  let recorder: Recorder;
  let listener: IngestListener;

  beforeEach(async () => {
    recorder = new Recorder();
    listener = await recorder.listen(await chooseTransport(name), {});
  });

  afterEach(() => listener.close());

  /** Proves that nothing else was taken down. */
  async function expectEcho(): Promise<void> {
    const call = { method: 'POST', path: '/', body: 'alive' };
    expect(await callPort(listener.port, call)).toMatchObject({ status: 200, text: 'alive' });
  }

  test('a request is handed on, and answered as it was said', async () => {
    const body = randomBytes(150_000).toString('hex').slice(0, 150_000);
    const headers = {
      ...{ 'Content-Type': 'application/json', 'Content-Encoding': 'identity' },
      ...{ Authorization: 'Bearer x', Origin: 'http://a.test' },
    };
    const path = '/api/v1/streams/a%2Fb/events?time=at&x=%20';
    const answer = await callPort(listener.port, { method: 'POST', path, headers, body });
    expect(answer).toMatchObject({ status: 200, text: body });
    expect(answer.headers).toMatchObject({ 'x-probe': 'yes', 'x-content-type-options': 'nosniff' });
    expect(recorder.heads).toEqual([
      {
        method: 'POST',
        path: '/api/v1/streams/a/b/events',
        query: 'time=at&x=%20',
        headers: {
          host: `127.0.0.1:${listener.port}`,
          origin: 'http://a.test',
          fetchSite: '',
          authorization: 'Bearer x',
          contentType: 'application/json',
          contentEncoding: 'identity',
        },
      },
    ]);
  });

  test.each(['', 'x'.repeat(100)])('a body need not be read', async (body) => {
    const call = { method: 'POST', path: '/unread', body };
    expect(await callPort(listener.port, call)).toMatchObject({ status: 418, text: 'unread' });
    await expectEcho();
  });

  test('a body beyond its bound is refused while it comes', async () => {
    const body = 'x'.repeat(250_000);
    const call = { method: 'POST', path: '/', body, headers: { 'Transfer-Encoding': 'chunked' } };
    const answer = await callPort(listener.port, call).catch(() => null);
    // The connection is closed behind the answer, which a sender that still writes may miss.
    if (answer !== null) expect(answer.text).toBe('ENGINE_BODY_TOO_LARGE');
    expect(recorder.refusals).toEqual(['ENGINE_BODY_TOO_LARGE']);
    await expectEcho();
  });

  test('a client that goes away in its body takes nobody with it', async () => {
    const socket = connectTcp(listener.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf');
    await expect.poll(() => recorder.heads.length).toBe(1);
    socket.destroy();
    await expect.poll(() => recorder.refusals).toEqual(['ENGINE_BAD_REQUEST']);
    await expectEcho();
  });
});
