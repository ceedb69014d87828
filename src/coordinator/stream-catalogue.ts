/**
 * Which streams exist and which fields they were seen to carry. Names and types only: a value never
 * gets here. Bounded by `streamsMax` and `catalogueFieldsMax`; what exceeds them is not listed.
 */
import type { Config } from '../config.ts';
import { globMatches } from '../ir/glob.ts';
import type { SourcePattern } from '../ir/plan.ts';
import type { StreamOffer, TimePolicy } from '../wire/agent-messages.ts';

export interface KnownStream {
  readonly name: string;
  time: TimePolicy;
  readonly fields: Map<string, string>;
  /** Fed through the engine's own listeners (HTTP, JSON WebSocket) rather than by an agent. */
  ingested: boolean;
}

const ARRIVAL: TimePolicy = { kind: 'arrival', field: null, slackMs: 0 };

export class StreamCatalogue {
  readonly #config: Config;
  readonly #streams = new Map<string, KnownStream>();

  constructor(config: Config) {
    this.#config = config;
  }

  streams(): IterableIterator<KnownStream> {
    return this.#streams.values();
  }

  get(name: string): KnownStream | undefined {
    return this.#streams.get(name);
  }

  /** True if the stream was not known before. */
  offer(offer: StreamOffer): boolean {
    const isNew = !this.#streams.has(offer.name);
    const stream = this.#ensure(offer.name, offer.time);
    if (stream === null) return false;
    if (!stream.ingested) stream.time = offer.time;
    for (const field of offer.fields) this.#addField(stream, field.name, field.type);
    return isNew;
  }

  /** True if the stream was not known before. */
  ingest(name: string, time: TimePolicy = ARRIVAL): boolean {
    const isNew = !this.#streams.has(name);
    const stream = this.#ensure(name, time);
    if (stream === null) return false;
    stream.ingested = true;
    if (time.slackMs > stream.time.slackMs) stream.time = time;
    return isNew;
  }

  learn(name: string, fields: readonly { readonly name: string; readonly type: string }[]): void {
    const stream = this.#streams.get(name);
    if (stream === undefined) return;
    for (const field of fields) this.#addField(stream, field.name, field.type);
  }

  /** Names that match an exact name or a glob. */
  matching(source: SourcePattern): string[] {
    if (!source.glob) return this.#streams.has(source.pattern) ? [source.pattern] : [];
    return [...this.#streams.keys()].filter((name) => globMatches(source, name));
  }

  #ensure(name: string, time: TimePolicy): KnownStream | null {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    if (this.#streams.size >= this.#config.streamsMax) return null;
    const stream: KnownStream = { name, time, fields: new Map(), ingested: false };
    this.#streams.set(name, stream);
    return stream;
  }

  #addField(stream: KnownStream, name: string, type: string): void {
    const known = stream.fields.get(name);
    if (known === type || known === 'mixed') return;
    if (known === undefined && stream.fields.size >= this.#config.catalogueFieldsMax) return;
    stream.fields.set(name, known === undefined ? type : 'mixed');
  }
}
