/**
 * Messages of syslog on their way from a listener to a shard: each with its sender and its length
 * in bytes, `192.0.2.1 5 hello`, for a message may contain anything.
 */
import { readUtf8 } from '../wire/utf8.ts';
import { syslogEvent } from './syslog.ts';
import { Translation } from './translated.ts';
import type { Translated } from './translated.ts';

const BLANK = 0x20;
const encoder = new TextEncoder();

/** What stands before the bytes of a message. */
export function syslogHead(peer: string, bytes: number): Uint8Array {
  return encoder.encode(`${peer} ${bytes} `);
}

export function readSyslog(body: Uint8Array, nowMs: number): Translated {
  const into = new Translation();
  for (let at = 0; at < body.length;) {
    const peerEnd = body.indexOf(BLANK, at);
    const lengthEnd = peerEnd < 0 ? -1 : body.indexOf(BLANK, peerEnd + 1);
    const length = lengthEnd < 0 ? Number.NaN : Number(readUtf8(body, peerEnd + 1, lengthEnd));
    const end = lengthEnd + 1 + length;
    if (!(length >= 0 && end <= body.length)) {
      into.refuse('a frame without its length');
      break;
    }
    // Senders end messages with a newline or a zero, whatever carries them.
    const text = readUtf8(body, lengthEnd + 1, end).replace(/[\r\n\0]+$/, '');
    if (text === '') into.refuse('an empty message');
    else into.add(syslogEvent(text, readUtf8(body, at, peerEnd), nowMs));
    at = end;
  }
  return into;
}
