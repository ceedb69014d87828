/**
 * Carries the audit trail on, a few times a second: to `audit.jsonl` in the data directory, where
 * there is one, and to the stream `squilla.audit`. A full file moves to `audit.1.jsonl`, over the
 * one before.
 */
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { AuditRecord, AuditTrail } from '../observe/audit-trail.ts';
import type { Logger } from '../observe/logger.ts';

export const AUDIT_STREAM = 'squilla.audit';

const EVERY_MS = 250;

export interface AuditWriterParts {
  readonly trail: AuditTrail;
  readonly config: Config;
  /** Null: the stream only. */
  readonly dataDir: string | null;
  readonly log: Logger;
  readonly publish: (stream: string, lines: string) => void;
}

export class AuditWriter {
  readonly #parts: AuditWriterParts;
  readonly #path: string | null;
  readonly #ticker: NodeJS.Timeout;
  #bytes = 0;

  constructor(parts: AuditWriterParts) {
    this.#parts = parts;
    this.#path = parts.dataDir === null ? null : join(parts.dataDir, 'audit.jsonl');
    if (this.#path !== null) this.#bytes = sizeOf(this.#path);
    this.#ticker = setInterval(() => this.flush(), EVERY_MS);
    this.#ticker.unref();
  }

  flush(): void {
    const records = this.#parts.trail.take();
    if (records.length === 0) return;
    const lines = `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
    this.#parts.publish(AUDIT_STREAM, lines);
    if (this.#path !== null) this.#append(this.#path, lines, records);
  }

  stop(): void {
    clearInterval(this.#ticker);
    this.flush();
  }

  #append(path: string, lines: string, records: readonly AuditRecord[]): void {
    const { config, log } = this.#parts;
    try {
      if (this.#bytes + lines.length > config.auditBytesMax && this.#bytes > 0) {
        renameSync(path, path.replace(/\.jsonl$/, '.1.jsonl'));
        this.#bytes = 0;
      }
      appendFileSync(path, lines, { mode: 0o600 });
      this.#bytes += Buffer.byteLength(lines);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error('the audit trail cannot be written', { path, reason, entries: records.length });
    }
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
