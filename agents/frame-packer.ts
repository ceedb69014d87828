/**
 * Frames made smaller on their way to an engine that takes them so, off the event loop, and only
 * where that pays: not to an engine on this machine, not for small frames, and for a while not
 * after one that hardly shrank.
 */
import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';
import { PACKED, PACKED_HEADER_BYTES } from '../src/wire/packed-layout.ts';

/** `auto`: where it pays · `always`: every frame, for tests and thin lines · `never`. */
export type Compression = 'auto' | 'always' | 'never';

const deflate = promisify(deflateRaw);
const FRAME_BYTES_MIN = 4 * 1_024;
/** A packed frame that is larger than this share of the plain one did not pay. */
const SHARE_MAX = 0.7;
/** So many frames are then sent plainly. */
const PAUSE_FRAMES = 64;
const LOOPBACK = /^wss?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|\/|$)/i;

export class FramePacker {
  readonly #isAlways: boolean;
  #pauseFrames = 0;

  private constructor(isAlways: boolean) {
    this.#isAlways = isAlways;
  }

  /** Null: it never pays. */
  static for(compression: Compression, url: string): FramePacker | null {
    if (compression === 'never') return null;
    if (compression === 'auto' && LOOPBACK.test(url)) return null;
    return new FramePacker(compression === 'always');
  }

  /** Whether the next frame, of so many bytes, should be packed. */
  wants(bytes: number): boolean {
    if (this.#isAlways) return true;
    if (this.#pauseFrames > 0) {
      this.#pauseFrames--;
      return false;
    }
    return bytes >= FRAME_BYTES_MIN;
  }

  /** For a while it is no good idea. */
  rest(): void {
    this.#pauseFrames = PAUSE_FRAMES;
  }

  /** The packed frame, or the frame itself if that did not pay. Never rejects. */
  async pack(frame: Uint8Array): Promise<Uint8Array> {
    const body = await deflate(frame, { level: constants.Z_BEST_SPEED }).catch(() => null);
    if (body === null) return frame;
    const length = PACKED_HEADER_BYTES + body.length;
    if (length > frame.length * SHARE_MAX) {
      this.rest();
      if (!this.#isAlways || length > frame.length) return frame;
    }
    const packed = new Uint8Array(length);
    const view = new DataView(packed.buffer);
    view.setUint32(PACKED.magic, PACKED.magicNumber, true);
    packed[PACKED.version] = PACKED.versionNumber;
    packed[PACKED.method] = PACKED.deflate;
    view.setUint32(PACKED.plainBytes, frame.length, true);
    packed.set(body, PACKED_HEADER_BYTES);
    return packed;
  }
}
