/**
 * Which streams exist and which fields they were seen to carry, with a few values of each to
 * suggest (`shard/value-watch.ts` says which never get here). Every stream that is offered is
 * known, or an answer could call itself complete without it; the bounds are those of agents and
 * listeners. Beyond `streamsMax` streams and
 * `catalogueFieldsMax` fields, fields are not listed, and streams that nobody offers any more go.
 */
import type { FieldCatalogue } from '../analyze/field-catalogue.ts';
import type { Config } from '../config.ts';
import { globMatches } from '../ir/glob.ts';
import type { ColumnType, SourcePattern } from '../ir/plan.ts';
import type { IngestVia } from '../shard/messages.ts';
import type { FieldValue, FieldValues } from '../shard/value-watch.ts';
import type { StreamOffer, TimePolicy } from '../wire/agent-messages.ts';

export interface KnownStream {
  readonly name: string;
  time: TimePolicy;
  readonly fields: Map<string, string>;
  /** Some values by field, also of fields that are not listed yet. */
  readonly values: Map<string, readonly FieldValue[]>;
  /** When the first field was seen, ms UTC; null: none was. */
  fieldsSinceMs: number | null;
  /** What changed of its fields after they were first seen, oldest first. */
  changes: readonly FieldChange[];
  /** Fed through the engine's own listeners (HTTP, JSON WebSocket) rather than by an agent. */
  ingested: boolean;
  /** Ways by which it has come, besides agents. */
  readonly via: Set<IngestVia>;
  /** The longest that anybody has asked for. */
  askedSlackMs: number;
  /** By the shard that learned it. */
  readonly learnedSlackMs: Map<number, number>;
  /** False: it came when `streamsMax` others were known. */
  readonly listsFields: boolean;
  /** Engine clock when nobody was first found to offer it any more; null: somebody does. */
  unofferedSinceMs: number | null;
}

export interface FieldChange {
  readonly atMs: number;
  readonly field: string;
  /** Its type before; null: it is new. */
  readonly from: string | null;
  readonly to: string;
}

/** Agents and queries bring the fields of a stream one after another at first. */
const FIRST_FIELDS_MS = 60_000;

/** Of fields that their owners do not give. */
const DENIED = 'denied';

const ARRIVAL: TimePolicy = { kind: 'arrival', field: null, slackMs: 0 };

export class StreamCatalogue {
  readonly #config: Config;
  readonly #now: () => number;
  readonly #streams = new Map<string, KnownStream>();

  /** `now`: the engine's clock, ms UTC. */
  constructor(config: Config, now: () => number) {
    this.#config = config;
    this.#now = now;
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
    if (!stream.ingested) stream.time = offer.time;
    for (const field of offer.fields) this.#addField(stream, field.name, field.type);
    return isNew;
  }

  /**
   * True if the stream was not known before. `learner`: the shard that found out by itself how
   * late its events are, which may become less; null: somebody asked for this much.
   */
  ingest(name: string, time: TimePolicy = ARRIVAL, learner: number | null = null): boolean {
    const isNew = !this.#streams.has(name);
    const stream = this.#ensure(name, learner === null ? time : { ...time, slackMs: 0 });
    stream.ingested = true;
    const { kind, field } = time.kind === 'field' ? time : stream.time;
    if (learner !== null) stream.learnedSlackMs.set(learner, time.slackMs);
    else stream.askedSlackMs = Math.max(time.slackMs, stream.askedSlackMs);
    const slackMs = Math.max(stream.askedSlackMs, ...stream.learnedSlackMs.values());
    stream.time = { kind, field, slackMs };
    return isNew;
  }

  /** Of streams that are known already. */
  came(name: string, via: IngestVia): void {
    this.#streams.get(name)?.via.add(via);
  }

  learn(name: string, fields: readonly { readonly name: string; readonly type: string }[]): void {
    const stream = this.#streams.get(name);
    if (stream === undefined) return;
    for (const field of fields) this.#addField(stream, field.name, field.type);
  }

  /** Values of fields; at most `fieldValuesMax` of one are kept, the first that came. */
  suggest(name: string, fields: readonly FieldValues[]): void {
    const stream = this.#streams.get(name);
    if (stream === undefined || !stream.listsFields) return;
    const { catalogueFieldsMax, fieldValuesMax } = this.#config;
    for (const field of fields) {
      const known = stream.values.get(field.name);
      if (known === undefined && stream.values.size >= catalogueFieldsMax) continue;
      const values = [...new Set([...(known ?? []), ...field.values])];
      stream.values.set(field.name, values.slice(0, fieldValuesMax));
    }
  }

  /** As analysis reads it; it stays live. */
  asFieldCatalogue(): FieldCatalogue {
    return {
      streams: () => [...this.#streams.keys()],
      fields: (stream) =>
        [...(this.#streams.get(stream)?.fields ?? [])].map(([name, type]) => ({
          name,
          type: type === 'mixed' || type === DENIED ? 'any' : (type as ColumnType),
          isDenied: type === DENIED,
        })),
    };
  }

  /** Names that match an exact name or a glob. */
  matching(source: SourcePattern): string[] {
    if (!source.glob) return this.#streams.has(source.pattern) ? [source.pattern] : [];
    return [...this.#streams.keys()].filter((name) => globMatches(source, name));
  }

  /**
   * Lets go of streams that nobody has offered for `rosterMs`, or since the last call where more
   * than `streamsMax` are known. True if there were any.
   */
  forget(nowMs: number, isOffered: (name: string) => boolean): boolean {
    const before = this.#streams.size;
    for (const stream of this.#streams.values()) {
      if (isOffered(stream.name)) {
        stream.unofferedSinceMs = null;
        continue;
      }
      const sinceMs = stream.unofferedSinceMs;
      stream.unofferedSinceMs ??= nowMs;
      if (sinceMs === null) continue;
      const isCrowded = this.#streams.size > this.#config.streamsMax;
      if (isCrowded || nowMs - sinceMs >= this.#config.rosterMs) this.#streams.delete(stream.name);
    }
    return this.#streams.size < before;
  }

  #ensure(name: string, time: TimePolicy): KnownStream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const listsFields = this.#streams.size < this.#config.streamsMax;
    const stream: KnownStream = {
      name,
      time,
      fields: new Map(),
      values: new Map(),
      fieldsSinceMs: null,
      changes: [],
      ingested: false,
      via: new Set(),
      askedSlackMs: time.slackMs,
      learnedSlackMs: new Map(),
      listsFields,
      unofferedSinceMs: null,
    };
    this.#streams.set(name, stream);
    return stream;
  }

  #addField(stream: KnownStream, name: string, type: string): void {
    const known = stream.fields.get(name);
    if (known === type || known === 'mixed' || !stream.listsFields) return;
    if (known === undefined && stream.fields.size >= this.#config.catalogueFieldsMax) return;
    // Some agents may give what others do not.
    const isFirst = known === undefined || known === DENIED;
    if (type === DENIED && !isFirst) return;
    const to = isFirst ? type : 'mixed';
    stream.fields.set(name, to);
    this.#noteChange(stream, { field: name, from: known ?? null, to });
  }

  #noteChange(stream: KnownStream, change: Omit<FieldChange, 'atMs'>): void {
    const atMs = Math.floor(this.#now());
    stream.fieldsSinceMs ??= atMs;
    if (atMs - stream.fieldsSinceMs < FIRST_FIELDS_MS) return;
    const { fieldChangesMax } = this.#config;
    const changes = [...stream.changes, { atMs, ...change }];
    stream.changes = fieldChangesMax === 0 ? [] : changes.slice(-fieldChangesMax);
  }
}
