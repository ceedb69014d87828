/**
 * The files of the dashboard. The folder is listed once, and requests are looked up in that list:
 * no path is ever built from a request, so none can leave the folder. Hashed files are cached for
 * good; index.html never is, and carries a fresh nonce for the styles that the editor adds at run
 * time.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** In index.html, replaced with each answer's nonce. */
const NONCE_MARK = '__CSP_NONCE__';
const HASHED = /[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;
const COMPRESSIBLE = /^(?:text\/|application\/json|image\/svg)/;
const COMPRESS_BYTES_MIN = 1_024;

interface StaticFile {
  readonly mediaType: string;
  readonly isHashed: boolean;
  readonly etag: string;
  readonly bytes: Buffer;
  /** Null: not worth it. */
  readonly gzipped: Buffer | null;
}

export interface StaticRequest {
  /** Path of the URL, decoded. */
  readonly path: string;
  readonly acceptEncoding: string;
  readonly ifNoneMatch: string;
}

export class StaticFiles {
  readonly #paths: ReadonlyMap<string, string>;
  readonly #files = new Map<string, StaticFile>();

  private constructor(paths: ReadonlyMap<string, string>) {
    this.#paths = paths;
  }

  /** Null: there is no index.html in that folder. */
  static list(folder: string): StaticFiles | null {
    const paths = new Map<string, string>();
    for (const entry of listed(folder)) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      paths.set(`/${relative(folder, file).split(sep).join('/')}`, file);
    }
    return paths.has('/index.html') ? new StaticFiles(paths) : null;
  }

  /** Paths without an extension are views of the page. Null: no such file. */
  answer(request: StaticRequest): Response | null {
    const isView = extname(request.path) === '';
    const path = isView ? '/index.html' : request.path;
    const file = this.#file(path);
    if (file === null) return null;
    return path === '/index.html' ? pageResponse(file) : fileResponse(file, request);
  }

  #file(path: string): StaticFile | null {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const source = this.#paths.get(path);
    if (source === undefined) return null;
    const file = staticFile(source);
    this.#files.set(path, file);
    return file;
  }
}

function listed(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    // A source checkout without a build has no such folder.
    return [];
  }
}

function staticFile(source: string): StaticFile {
  const bytes = readFileSync(source);
  const mediaType = MEDIA_TYPES[extname(source)] ?? 'application/octet-stream';
  const isCompressible = COMPRESSIBLE.test(mediaType) && bytes.length >= COMPRESS_BYTES_MIN;
  return {
    mediaType,
    isHashed: HASHED.test(source),
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    bytes,
    gzipped: isCompressible ? gzipSync(bytes) : null,
  };
}

function fileResponse(file: StaticFile, request: StaticRequest): Response {
  const headers: Record<string, string> = {
    'Content-Type': file.mediaType,
    'Cache-Control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: file.etag,
    Vary: 'Accept-Encoding',
  };
  if (request.ifNoneMatch === file.etag) return new Response(null, { status: 304, headers });
  const isGzip = file.gzipped !== null && /\bgzip\b/.test(request.acceptEncoding);
  const bytes = isGzip ? file.gzipped : file.bytes;
  if (isGzip) headers['Content-Encoding'] = 'gzip';
  return new Response(new Uint8Array(bytes), { headers });
}

function pageResponse(file: StaticFile): Response {
  const nonce = randomBytes(16).toString('base64');
  const page = file.bytes.toString('utf8').replaceAll(NONCE_MARK, nonce);
  return new Response(page, {
    headers: {
      'Content-Type': file.mediaType,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': pagePolicy(nonce),
    },
  });
}

/** Only what this engine serves runs; data: images are the editor's underlines. */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
