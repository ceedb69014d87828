/** Receivers from their settings, with everything that they send kept instead of sent. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Notification } from '../../src/alert/notify/notification.ts';
import { readNotifyConfig } from '../../src/alert/notify/read-config.ts';
import type { Receiver } from '../../src/alert/receivers/contract.ts';
import { assert } from '../../src/core/assert.ts';
import type { HttpAnswer, HttpAsk } from '../../src/outbound/http-exchange.ts';
import { runProgram } from '../../src/outbound/program.ts';
import { sendMail } from '../../src/outbound/smtp.ts';

/** Of answers without anything special. */
export const PLAIN = { isCut: false, headers: {}, retryAfterMs: null };

export class ReceiverRig {
  folder = '';
  readonly posts: HttpAsk[] = [];
  readonly logged: object[] = [];
  /** To the next requests; after them `200 ok`. */
  answers: HttpAnswer[] = [];
  /** Where pictures are; null: nowhere. */
  image: ((alert: number) => string) | null = null;

  /** Called where tests are declared: gives them a folder with a secret in the file `key`. */
  constructor() {
    beforeAll(() => {
      this.folder = mkdtempSync(join(tmpdir(), 'squilla-receivers-'));
      writeFileSync(join(this.folder, 'key'), `${'k'.repeat(32)}\n`);
    });
    afterAll(() => rmSync(this.folder, { recursive: true }));
  }

  /** A new one, and nothing is kept of the one before. `KEY` in the settings is a secret's file. */
  receiver(settings: string): Receiver {
    const text = `receivers: { r: { ${settings.replaceAll('KEY', join(this.folder, 'key'))} } }`;
    const read = readNotifyConfig([{ path: 'x.yaml', text }]);
    assert(read.ok, () => (read.ok ? '' : read.error.join('\n')));
    const spec = read.value.receivers.get('r');
    assert(spec !== undefined, () => 'no receiver');
    this.image = null;
    this.posts.length = 0;
    this.logged.length = 0;
    this.answers = [];
    const http = (post: HttpAsk): Promise<HttpAnswer> => {
      this.posts.push(post);
      return Promise.resolve(this.answers.shift() ?? { status: 200, text: 'ok', ...PLAIN });
    };
    return spec.create({
      ...{ http, mail: sendMail, run: runProgram },
      ...{ deliveryMs: 1_000, responseBytesMax: 1_000 },
      imageUrl: (_: Notification, alert) => this.image?.(alert) ?? null,
      log: (message, fields) => void this.logged.push({ message, ...fields }),
    });
  }

  bodies(): unknown[] {
    return this.posts.map(({ body }) => JSON.parse(body ?? '') as unknown);
  }
}
