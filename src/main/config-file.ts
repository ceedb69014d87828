/**
 * `squilla.yaml`: settings by name, and what is not a number (addresses, tokens, TLS). Everything
 * wrong is reported at once, with line and column; nothing unknown is passed over.
 */
import { isMap, isScalar, isSeq, LineCounter } from 'yaml';
import type { Node, Pair } from 'yaml';
import { suggest } from '../../grammar/suggest.ts';
import { NUMBER_SETTINGS } from '../config.ts';
import type { NumberSettingName } from '../config.ts';
import { parseYaml } from '../core/yaml-text.ts';
import { listenerFrom } from '../gateway/listener-names.ts';
import type { ListenerName, ListenerPorts } from '../gateway/listener-names.ts';
import { SCOPES } from '../gateway/tokens.ts';
import type { SyncPolicy } from '../store/open-sql.ts';
import { readTables } from './config-tables.ts';
import type { TableOption, TokenOption } from './engine-options.ts';

export interface ConfigFile {
  readonly numbers: Partial<Record<NumberSettingName, number>>;
  readonly host?: string;
  readonly transport?: 'auto' | 'uws' | 'ws';
  readonly logLevel?: string;
  readonly dataDir?: string;
  readonly storeSync?: SyncPolicy;
  readonly rulesDir?: string;
  readonly queriesDir?: string;
  readonly boardsDir?: string;
  readonly notifyPath?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: boolean;
  readonly requireToken?: boolean;
  readonly allowedHosts?: readonly string[];
  readonly pageOrigins?: readonly string[];
  readonly tokens?: readonly TokenOption[];
  readonly tables?: readonly TableOption[];
  readonly tablesAllowPrivate?: boolean;
  readonly listeners?: ListenerPorts;
}

export interface ConfigMistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type ConfigFileResult =
  | { readonly ok: true; readonly file: ConfigFile }
  | { readonly ok: false; readonly mistakes: readonly ConfigMistake[] };

/** Settings that are not numbers, with what they hold. `docs/configuration.md` describes them. */
export const TEXT_SETTINGS = {
  host: 'address to listen on (127.0.0.1)',
  transport: 'sockets of the ingest port: auto, uws or ws (auto)',
  logLevel: 'debug, info, warn, error or silent (info)',
  dataDir: 'directory for what outlives a restart',
  rulesDir: 'directory of alert rules in YAML, read anew when they change',
  queriesDir: 'directory of saved queries in .mql and YAML files, read anew when they change',
  boardsDir: 'directory of boards in YAML, read anew when they change',
  storeSync: 'when a commit is safe: full (on the disk) or normal (with the system) (full)',
  notifyPath: 'file or directory of receivers and routes in YAML, read anew when it changes',
  tlsCert: 'certificate file in PEM, for both ports',
  tlsKey: 'key file in PEM',
  insecure: 'true allows plain text on an address that is not loopback (false)',
  requireToken: 'true asks for a token on loopback, too (false)',
  allowedHosts: 'list of host names that requests may name besides the loopback ones',
  listeners: 'ports of further listeners: {otlp: 4318, statsd: 8125, syslog: 5514} (none)',
  pageOrigins:
    'list of origins (https://shop.example.org) whose pages may send events to the ingest port',
  tables:
    'list of {name, file or url, key, format, refreshMs, tokenFile}: tables for joins, kept fresh',
  tablesAllowPrivate: 'true lets tables made over the API come from private addresses (false)',
  tokens: 'list of {name, token or tokenFile, scopes, streams}',
} as const;

const BOOLEANS = new Set(['insecure', 'requireToken', 'tablesAllowPrivate']);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  transport: ['auto', 'uws', 'ws'],
  storeSync: ['full', 'normal'],
  logLevel: ['debug', 'info', 'warn', 'error', 'silent'],
};

export function readConfigFile(
  text: string,
  readSecret: (path: string) => string,
): ConfigFileResult {
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  const mistakes: ConfigMistake[] = [];
  const mistake = (at: number, message: string): void => {
    const { line, col } = lines.linePos(at);
    mistakes.push({ line, column: col, message });
  };
  for (const error of document.errors) {
    mistake(error.pos[0], error.message.split('\n')[0] ?? 'not YAML');
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  const root = document.contents;
  if (root === null) return { ok: true, file: { numbers: {} } };
  if (!isMap(root)) {
    mistake(0, 'expected settings as `name: value` lines');
    return { ok: false, mistakes };
  }
  const reader = new SettingsReader(mistake, readSecret);
  for (const pair of root.items) reader.read(pair);
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, file: reader.file };
}

class SettingsReader {
  readonly #file: { numbers: Partial<Record<NumberSettingName, number>>; [name: string]: unknown };
  readonly #mistake: (at: number, message: string) => void;
  readonly #readSecret: (path: string) => string;

  constructor(
    mistake: (at: number, message: string) => void,
    readSecret: (path: string) => string,
  ) {
    this.#file = { numbers: {} };
    this.#mistake = mistake;
    this.#readSecret = readSecret;
  }

  get file(): ConfigFile {
    return this.#file;
  }

  read(pair: Pair<Node, Node | null>): void {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const keyAt = pair.key.range?.[0] ?? 0;
    const at = pair.value?.range?.[0] ?? keyAt;
    if (Object.hasOwn(NUMBER_SETTINGS, name)) this.#number(name as NumberSettingName, pair, at);
    else if (name === 'tables') this.#tables(pair.value, at);
    else if (name === 'listeners') this.#listeners(pair.value, at);
    else if (name === 'tokens') this.#tokens(pair.value, at);
    else if (name === 'allowedHosts' || name === 'pageOrigins') this.#texts(name, pair.value, at);
    else if (Object.hasOwn(TEXT_SETTINGS, name)) this.#scalar(name, pair, at);
    else {
      const names = [...Object.keys(NUMBER_SETTINGS), ...Object.keys(TEXT_SETTINGS)];
      const near = suggest(name, names);
      this.#mistake(keyAt, `no setting is called \`${name}\`${near ? `; \`${near}\`?` : ''}`);
    }
  }

  #number(name: NumberSettingName, pair: Pair<Node, Node | null>, at: number): void {
    const value = isScalar(pair.value) ? pair.value.value : null;
    const { min, max, unit } = NUMBER_SETTINGS[name];
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      this.#mistake(at, `\`${name}\` is a whole number of ${unit}`);
    } else if (value < min || value > max) {
      this.#mistake(at, `\`${name}\` is from ${min} to ${max} ${unit}, not ${value}`);
    } else this.#file.numbers[name] = value;
  }

  #scalar(name: string, pair: Pair<Node, Node | null>, at: number): void {
    const value = isScalar(pair.value) ? pair.value.value : null;
    if (BOOLEANS.has(name)) {
      if (typeof value === 'boolean') this.#file[name] = value;
      else this.#mistake(at, `\`${name}\` is true or false`);
      return;
    }
    const choices = CHOICES[name];
    if (typeof value !== 'string') this.#mistake(at, `\`${name}\` is a text`);
    else if (choices !== undefined && !choices.includes(value)) {
      this.#mistake(at, `\`${name}\` is one of ${choices.join(', ')}`);
    } else this.#file[name] = value;
  }

  #texts(name: string, node: Node | null, at: number): void {
    const values = isSeq(node) ? node.toJSON() : null;
    if (values === null || !values.every((value) => typeof value === 'string')) {
      this.#mistake(at, `\`${name}\` is a list of texts`);
    } else this.#file[name] = values;
  }

  #tables(node: Node | null, at: number): void {
    const items = isSeq(node) ? (node.items as Node[]) : null;
    if (items === null) {
      this.#mistake(at, '`tables` is a list of {name, file or url, key}');
      return;
    }
    this.#file['tables'] = readTables(
      items.map((item) => ({ value: item.toJSON() as unknown, at: item.range?.[0] ?? at })),
      this.#mistake,
    );
  }

  #listeners(node: Node | null, at: number): void {
    const asked = isMap(node) ? Object.entries(node.toJSON() as Record<string, unknown>) : null;
    if (asked === null) {
      this.#mistake(at, '`listeners` is {name: port}');
      return;
    }
    const ports: Partial<Record<ListenerName, number>> = {};
    for (const [name, port] of asked) {
      const listener = listenerFrom(`${name}=${String(port)}`);
      if (typeof listener === 'string') this.#mistake(at, `\`listeners\`: ${listener}`);
      else ports[listener.name] = listener.port;
    }
    this.#file['listeners'] = ports;
  }

  #tokens(node: Node | null, at: number): void {
    if (!isSeq(node)) {
      this.#mistake(at, '`tokens` is a list of {name, token or tokenFile, scopes}');
      return;
    }
    const tokens: TokenOption[] = [];
    for (const item of node.items) {
      const itemAt = (item as Node).range?.[0] ?? at;
      const token = this.#token((item as Node).toJSON() as Record<string, unknown>, itemAt);
      if (token !== null) tokens.push(token);
    }
    this.#file['tokens'] = tokens;
  }

  #token(item: Record<string, unknown> | null, at: number): TokenOption | null {
    const { name, token, tokenFile, scopes, streams } = item ?? {};
    const known = SCOPES as readonly unknown[];
    if (typeof name !== 'string') this.#mistake(at, 'a token needs a `name`');
    else if (
      !Array.isArray(scopes) ||
      scopes.length === 0 ||
      !scopes.every((s) => known.includes(s))
    ) {
      this.#mistake(at, `\`scopes\` is a list of ${SCOPES.join(', ')}`);
    } else if (streams !== undefined && !isTextList(streams)) {
      this.#mistake(at, '`streams` is a list of stream names');
    } else {
      const secret = this.#secret(token, tokenFile, at);
      if (secret === null) return null;
      return {
        name,
        token: secret,
        scopes: scopes as TokenOption['scopes'],
        streams: streams === undefined ? null : streams,
      };
    }
    return null;
  }

  #secret(token: unknown, tokenFile: unknown, at: number): string | null {
    if (typeof token === 'string' && token.length >= 16) return token;
    if (typeof tokenFile !== 'string') {
      this.#mistake(at, 'a token needs `token` (16 characters or more) or `tokenFile`');
      return null;
    }
    try {
      return this.#readSecret(tokenFile).trim();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#mistake(at, `\`tokenFile\` cannot be read: ${reason}`);
      return null;
    }
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
