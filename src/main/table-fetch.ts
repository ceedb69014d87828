/**
 * One look at the source of a table: what is there now, or that it is what it was. Size and time
 * are bounded; a source that nobody with access to the configuration named never leads the engine
 * to a private address.
 */
import { open, readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { extname } from 'node:path';
import type { Config } from '../config.ts';
import { hideSecretsInText } from '../observe/secrets.ts';
import type { TableFormat } from '../model/read-table.ts';
import type { HttpAnswer, HttpSend } from '../outbound/http-exchange.ts';
import type { TableSource } from '../store/table-source.ts';

/** What a source said of its version; both from headers, or of a file's size and time. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type Fetched =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly format: TableFormat;
      readonly validators: Validators;
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs: number | null };

export interface FetchParts {
  readonly config: Pick<Config, 'tableBytesMax' | 'tableFetchMs'>;
  readonly http: HttpSend;
  /** Sources named over the API may be at private addresses. */
  readonly allowPrivate: boolean;
}

const BY_ENDING: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
};

/** A map, for a server may say the name of anything that objects inherit. */
const BY_TYPE: ReadonlyMap<string, TableFormat> = new Map([
  ['text/csv', 'csv'],
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
]);

const NO_FORMAT = 'neither its name nor its media type says csv, json or ndjson; name the format';
const REMEDY = '`tablesAllowPrivate: true`, or naming the table in squilla.yaml, allows it';
const SHOWN = 120;

/** `known`: null asks for the whole. Never rejects. */
export function fetchTable(
  source: TableSource,
  known: Validators | null,
  parts: FetchParts,
): Promise<Fetched> {
  return source.kind === 'file' ? readSource(source, known, parts) : askFor(source, known, parts);
}

async function readSource(
  { format, location }: TableSource,
  known: Validators | null,
  { config }: FetchParts,
): Promise<Fetched> {
  const wanted = format ?? BY_ENDING[extname(location).toLowerCase()];
  if (wanted === undefined) return failed(NO_FORMAT);
  try {
    const file = await open(location);
    try {
      const { ino, isFile, mtimeMs, size } = await file.stat().then((stat) => ({
        ...{ ino: stat.ino, mtimeMs: stat.mtimeMs, size: stat.size, isFile: stat.isFile() },
      }));
      if (!isFile) return failed('it is no file');
      if (size > config.tableBytesMax) return failed(tooLarge(config));
      const etag = `${ino} ${size} ${mtimeMs}`;
      if (known?.etag === etag) return { kind: 'same' };
      const text = await file.readFile('utf8');
      return { kind: 'text', text, format: wanted, validators: { etag, lastModified: null } };
    } finally {
      await file.close();
    }
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

async function askFor(
  source: TableSource,
  known: Validators | null,
  { allowPrivate, config, http }: FetchParts,
): Promise<Fetched> {
  let token: string | null = null;
  try {
    if (source.tokenFile !== null) token = (await readFile(source.tokenFile, 'utf8')).trim();
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const answer = await http({
    method: 'GET',
    url: source.location,
    headers: {
      Accept: 'text/csv, application/json, application/x-ndjson',
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...(known?.etag != null && { 'If-None-Match': known.etag }),
      ...(known?.lastModified != null && { 'If-Modified-Since': known.lastModified }),
    },
    allowPrivate: source.from === 'config' || allowPrivate,
    remedy: REMEDY,
    timeoutMs: config.tableFetchMs,
    responseBytesMax: config.tableBytesMax,
  });
  return fetchedFrom(answer, source, known, config);
}

function fetchedFrom(
  answer: HttpAnswer,
  source: TableSource,
  known: Validators | null,
  config: FetchParts['config'],
): Fetched {
  if (answer.status === null) return failed(answer.reason);
  const { headers, isCut, retryAfterMs, status, text } = answer;
  if (status === 304 && known !== null) return { kind: 'same' };
  if (status >= 300 && status < 400) {
    return failed(`HTTP ${status}: redirects are not followed; name the address it leads to`);
  }
  if (status !== 200) {
    const said = hideSecretsInText(text.replaceAll(/\s+/g, ' ').slice(0, SHOWN));
    return failed(`HTTP ${status}${said === '' ? '' : `: ${said}`}`, retryAfterMs);
  }
  if (isCut) return failed(tooLarge(config));
  return tableText(text, headers, source);
}

function tableText(text: string, headers: IncomingHttpHeaders, source: TableSource): Fetched {
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding !== 'identity') return failed(`it is sent as ${coding}, which was not asked for`);
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const ending = extname(new URL(source.location).pathname).toLowerCase();
  const format = source.format ?? BY_TYPE.get(type.trim().toLowerCase()) ?? BY_ENDING[ending];
  if (format === undefined) return failed(NO_FORMAT);
  const validators = {
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
  };
  return { kind: 'text', text, format, validators };
}

function tooLarge({ tableBytesMax }: FetchParts['config']): string {
  return `more than ${tableBytesMax} bytes (tableBytesMax)`;
}

function failed(reason: string, retryAfterMs: number | null = null): Fetched {
  return { kind: 'failed', reason, retryAfterMs };
}
