/** Where a table's rows come from, if nobody puts them there by hand. JSON-safe. */
import type { TableFormat } from '../model/read-table.ts';

export interface TableSource {
  readonly kind: 'file' | 'url';
  /** A path, or an address of http or https. */
  readonly location: string;
  /** Null: by the ending of the name, or what the server says. */
  readonly format: TableFormat | null;
  /** Null: the first column. */
  readonly key: string | null;
  readonly refreshMs: number;
  /** `config`: `squilla.yaml`, which may read anything; `api`: somebody with the right to write. */
  readonly from: 'config' | 'api';
  /** File of a token that the server asks for; null: none. */
  readonly tokenFile: string | null;
}

/** What is wrong with the address of a source; null: nothing. */
export function urlMistake(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return 'a source is an http or https URL';
  if (url.username === '' && url.password === '') return null;
  return 'a URL holds no user and no password; `tokenFile` names a file with a token';
}
