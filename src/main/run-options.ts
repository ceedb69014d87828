/** Flags over file over defaults: what one `squilla up` runs with. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { UpFlags } from '../cli/flags.ts';
import { DEFAULTS, NUMBER_SETTINGS } from '../config.ts';
import type { Config } from '../config.ts';
import { LISTENER_NAMES, LISTENER_PORTS, listenerFrom } from '../gateway/listener-names.ts';
import type { ListenerName, ListenerOption, ListenerOptions } from '../gateway/listener-names.ts';
import { LOG_LEVELS } from '../observe/log-levels.ts';
import type { LogLevel } from '../observe/log-levels.ts';
import type { ConfigFile } from './config-file.ts';
import type { EngineRunOptions } from './engine-options.ts';

export type RunOptionsResult =
  | { readonly ok: true; readonly options: EngineRunOptions }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Mistakes are lines for a human, with file positions where there are any. */
export async function runOptionsFrom(flags: UpFlags): Promise<RunOptionsResult> {
  const read = flags.config === undefined ? { numbers: {} } : await readFile(flags.config);
  if (Array.isArray(read)) return { ok: false, mistakes: read };
  const file: ConfigFile = read;
  const settings = mergeTexts(flags, file);
  const numbers = mergeNumbers(flags, file);
  const listeners = mergeListeners(flags, file);
  const mistakes = [...numbers.mistakes, ...settingMistakes(settings), ...listeners.mistakes];
  if (mistakes.length > 0) return { ok: false, mistakes };
  const { certFile, keyFile, logLevel, ...rest } = settings;
  const tls = certFile === undefined || keyFile === undefined ? null : { certFile, keyFile };
  const config = { ...DEFAULTS, ...numbers.values };
  const options = { ...rest, config, tls, listeners: listeners.options };
  return { ok: true, options: { ...options, logLevel: logLevel as LogLevel } };
}

interface NumbersResult {
  readonly values: Partial<Record<keyof Config, number>>;
  readonly mistakes: readonly string[];
}

function mergeNumbers(flags: UpFlags, file: ConfigFile): NumbersResult {
  const values: Partial<Record<keyof Config, number>> = { ...file.numbers };
  const mistakes: string[] = [];
  if (flags.port !== undefined) values.port = flags.port;
  if (flags.ingestPort !== undefined) values.ingestPort = flags.ingestPort;
  const shards = shardCount(flags.shards, values.shards ?? DEFAULTS.shards);
  if (shards === null) mistakes.push(`--shards: a whole number or auto, not ${flags.shards}`);
  else values.shards = shards;
  for (const name of ['port', 'ingestPort'] as const) {
    const value = values[name] ?? DEFAULTS[name];
    const { max } = NUMBER_SETTINGS[name];
    if (value > max) mistakes.push(`${name}: at most ${max}, not ${value}`);
  }
  return { values, mistakes };
}

/** Flags over file; the demo would like to have the others, too, where their ports are free. */
function mergeListeners(
  flags: UpFlags,
  file: ConfigFile,
): { readonly options: ListenerOptions; readonly mistakes: readonly string[] } {
  const options: Partial<Record<ListenerName, ListenerOption>> = {};
  const mistakes: string[] = [];
  if (flags.demo === true) {
    for (const name of LISTENER_NAMES) {
      options[name] = { port: LISTENER_PORTS[name], isOptional: true };
    }
  }
  for (const [name, port] of Object.entries(file.listeners ?? {})) {
    options[name as ListenerName] = { port, isOptional: false };
  }
  for (const text of flags.listen ?? []) {
    const asked = listenerFrom(text);
    if (typeof asked === 'string') mistakes.push(`--listen: ${asked}`);
    else options[asked.name] = { port: asked.port, isOptional: false };
  }
  return { options, mistakes };
}

/** Everything that is not a number. */
type TextSettings = Omit<EngineRunOptions, 'config' | 'tls' | 'logLevel' | 'listeners'> & {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly logLevel: string;
};

function mergeTexts(flags: UpFlags, file: ConfigFile): TextSettings {
  const { host, transport, insecure, tlsCert, tlsKey, logLevel } = { ...file, ...given(flags) };
  return {
    host: host ?? '127.0.0.1',
    transport: transport ?? 'auto',
    insecure: insecure ?? false,
    logLevel: logLevel ?? 'info',
    certFile: tlsCert,
    keyFile: tlsKey,
    allowedHosts: file.allowedHosts ?? [],
    pageOrigins: file.pageOrigins ?? [],
    tokens: file.tokens ?? [],
    requireToken: file.requireToken ?? false,
    tables: file.tables ?? [],
    tablesAllowPrivate: file.tablesAllowPrivate ?? false,
    ...placesFrom(flags, file),
    ownTokens: null,
    demo: flags.demo === true,
  };
}

/** Where things are kept and read. */
function placesFrom(
  flags: UpFlags,
  file: ConfigFile,
): Pick<
  TextSettings,
  'dataDir' | 'storeSync' | 'rulesDir' | 'queriesDir' | 'boardsDir' | 'notifyPath'
> {
  return {
    dataDir: flags.data ?? file.dataDir ?? null,
    storeSync: file.storeSync ?? 'full',
    queriesDir: flags.queries ?? file.queriesDir ?? null,
    rulesDir: flags.rules ?? file.rulesDir ?? null,
    boardsDir: flags.boards ?? file.boardsDir ?? null,
    notifyPath: flags.notify ?? file.notifyPath ?? null,
  };
}

/** Flags that were given; the others must not hide what the file says. */
function given(flags: UpFlags): Partial<UpFlags> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function settingMistakes({ logLevel, certFile, keyFile }: TextSettings): string[] {
  const mistakes: string[] = [];
  if (!(LOG_LEVELS as readonly string[]).includes(logLevel)) {
    mistakes.push(`--log-level: one of ${LOG_LEVELS.join(', ')}, not ${logLevel}`);
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    mistakes.push('TLS needs both a certificate (--tls-cert) and its key (--tls-key)');
  }
  return mistakes;
}

async function readFile(path: string): Promise<ConfigFile | string[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return [`${path}: ${error instanceof Error ? error.message : String(error)}`];
  }
  // The YAML reader is only loaded where there is YAML to read.
  const { readConfigFile } = await import('./config-file.ts');
  const result = readConfigFile(text, (secret) => readFileSync(secret, 'utf8'));
  if (result.ok) return result.file;
  return result.mistakes.map(
    ({ line, column, message }) => `${path}:${line}:${column}: ${message}`,
  );
}

/** Null: not understood. `auto` leaves a core to the coordinator. */
function shardCount(flag: string | undefined, setting: number): number | null {
  const wanted = flag === undefined || flag === 'auto' ? setting : Number(flag);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > NUMBER_SETTINGS.shards.max) return null;
  return wanted === 0 ? Math.max(1, availableParallelism() - 1) : wanted;
}
