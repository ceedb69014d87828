/** Flags over file over defaults: what one `squilla up` runs with. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { UpFlags } from '../cli/program.ts';
import { DEFAULTS, NUMBER_SETTINGS } from '../config.ts';
import type { Config } from '../config.ts';
import { LOG_LEVELS } from '../observe/log-levels.ts';
import type { LogLevel } from '../observe/log-levels.ts';
import type { ConfigFile } from './config-file.ts';
import type { EngineRunOptions } from './engine-options.ts';

export type RunOptionsResult =
  | { readonly ok: true; readonly options: EngineRunOptions }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Mistakes are lines for a human, with file positions where there are any. */
export async function runOptionsFrom(flags: UpFlags): Promise<RunOptionsResult> {
  const file = flags.config === undefined ? { numbers: {} } : await readFile(flags.config);
  if (Array.isArray(file)) return { ok: false, mistakes: file };
  const mistakes: string[] = [];
  const numbers: Partial<Record<keyof Config, number>> = { ...(file as ConfigFile).numbers };
  if (flags.port !== undefined) numbers.port = flags.port;
  if (flags.ingestPort !== undefined) numbers.ingestPort = flags.ingestPort;
  const shards = shardCount(flags.shards, numbers.shards ?? DEFAULTS.shards);
  if (shards === null) mistakes.push(`--shards: a whole number or auto, not ${flags.shards}`);
  else numbers.shards = shards;
  for (const name of ['port', 'ingestPort'] as const) {
    const value = numbers[name] ?? DEFAULTS[name];
    const { max } = NUMBER_SETTINGS[name];
    if (value > max) mistakes.push(`${name}: at most ${max}, not ${value}`);
  }
  const settings = file as ConfigFile;
  const logLevel = flags.logLevel ?? settings.logLevel ?? 'info';
  if (!(LOG_LEVELS as readonly string[]).includes(logLevel)) {
    mistakes.push(`--log-level: one of ${LOG_LEVELS.join(', ')}, not ${logLevel}`);
  }
  const certFile = flags.tlsCert ?? settings.tlsCert;
  const keyFile = flags.tlsKey ?? settings.tlsKey;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    mistakes.push('TLS needs both a certificate (--tls-cert) and its key (--tls-key)');
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  return {
    ok: true,
    options: {
      config: { ...DEFAULTS, ...numbers },
      host: flags.host ?? settings.host ?? '127.0.0.1',
      transport: flags.transport ?? settings.transport ?? 'auto',
      tls: certFile === undefined || keyFile === undefined ? null : { certFile, keyFile },
      insecure: flags.insecure ?? settings.insecure ?? false,
      allowedHosts: settings.allowedHosts ?? [],
      tokens: settings.tokens ?? [],
      requireToken: settings.requireToken ?? false,
      dataDir: flags.data ?? settings.dataDir ?? null,
      demo: flags.demo ?? false,
      logLevel: logLevel as LogLevel,
    },
  };
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
