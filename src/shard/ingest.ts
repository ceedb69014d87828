/**
 * Events that arrive without an agent: HTTP bodies, JSON WebSockets, the engine's own life. They
 * are put into the same column batches as an agent's, with only the fields that some query reads,
 * and evaluated by the same kernels.
 *
 * Their sender is the built-in agent `engine/<shard>`, whose clock is the engine's. Agent key 0.
 */
import type { Config } from '../config.ts';
import type { EventBatch } from '../model/batch.ts';
import type { StreamCounts } from '../wire/agent-messages.ts';
import { eventTimeMs } from '../wire/event-time.ts';
import type { Event } from '../model/value.ts';
import { fieldSetOf } from '../edge/field-set.ts';
import { SampleMarks } from '../edge/sample-marks.ts';
import { sourceStageFor } from '../ir/source-stage.ts';
import { isViewStream, viewStream } from '../ir/view-stream.ts';
import { CellBatchBuilder } from '../wire/cell-batch.ts';
import { kindOf } from '../translate/remote-write.ts';
import type { LineError, SampleKinds } from '../translate/translated.ts';
import { createEventDecoder } from '../wire/event-decoder.ts';
import type { EventDecoder } from '../wire/event-decoder.ts';
import { FrameEncoder } from '../wire/frame-encoder.ts';
import type { SweepableInterner } from '../wire/interner.ts';
import { isReservedStream } from '../wire/stream-name.ts';
import { dealtSource } from './dealt-source.ts';
import type { ShardEffect } from './effects.ts';
import { FieldWatch } from './field-watch.ts';
import { INGEST_ERRORS_MAX, readBody } from './ingest-body.ts';
import { IngestClock, timeReader } from './ingest-clock.ts';
import type { IngestLoss, IngestRequest, IngestVia, ViewRows } from './messages.ts';
import type { PlanSet } from './plan-set.ts';
import { addPage, drop, pageReport, streamPage } from './stream-page.ts';
import type { StreamPage } from './stream-page.ts';
import type { ValueWatch } from './value-watch.ts';

export interface IngestOptions {
  readonly shard: number;
  readonly config: Config;
  readonly interner: SweepableInterner;
  readonly plans: PlanSet;
  readonly values: ValueWatch;
  readonly evaluate: (batch: EventBatch, page: StreamPage, nowMs: number) => void;
  readonly emit: (effect: ShardEffect) => void;
}

export interface IngestedEvents {
  readonly events: readonly Event[];
  /** Where each event stood in its body. */
  readonly lines: readonly number[];
}

/** How the events of one request get their time. */
export interface IngestTime {
  /** Path of the field to read; null: the moment of arrival. */
  readonly field: string | null;
  /** The time of all events, instead of either. */
  readonly atMs?: number;
}

interface IngestStream {
  readonly page: StreamPage;
  readonly fields: FieldWatch;
  /** Null: no query reads this stream now. */
  builder: CellBatchBuilder | null;
  /** Decides on each event before it is appended; null: no query samples. */
  marks: SampleMarks | null;
  stale: boolean;
  /** Events that senders say they lost before they could send them. */
  lost: number;
  readonly clock: IngestClock;
  readonly via: Set<IngestVia>;
  /** Those that the coordinator has not heard of. */
  readonly viaNews: IngestVia[];
  sequence: number;
}

export class Ingest {
  readonly #options: IngestOptions;
  readonly #streams = new Map<string, IngestStream>();
  #encoder: FrameEncoder;
  #decoder: EventDecoder;
  readonly #agentId: string;
  /** Rows of views that were too large, by view and reader. */
  readonly #viewRowsLost = new Map<string, ReadonlyMap<string, number>>();
  readonly #endedViews = streamPage(viewStream('ended'));
  #frameSequence = 0;
  #reportDue = false;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#agentId = `engine/${options.shard}`;
    this.#encoder = this.#newEncoder();
    this.#decoder = this.#newDecoder();
  }

  usedIds(): Iterable<number> {
    return this.#decoder.usedIds();
  }

  plansChanged(): void {
    for (const stream of this.#streams.values()) stream.stale = true;
  }

  take(input: IngestRequest | IngestLoss, nowMs: number): void {
    if (input.type === 'ingest') this.#body(input, nowMs);
    else this.#dropped(input);
  }

  /** A request body; answers with what was taken and what was not. */
  #body(request: IngestRequest, nowMs: number): void {
    const { config } = this.#options;
    const { events, lines, errors, beyond = 0, hasKinds } = readBody(request, config, nowMs);
    this.announceTime(request, events, nowMs);
    const { stream, format } = request;
    this.came(stream, typeof format === 'string' ? 'http' : format.kind);
    // Lines and records that are no events came all the same, and the ledger has them.
    this.#dropped({ stream, reason: 'malformed', count: errors.length });
    this.#dropped({ stream, reason: 'oversize', count: beyond });
    const time = { field: request.timeField };
    const verdict = this.events(request.stream, { events, lines }, time, nowMs);
    // First, for protocols that tell of one fault tell of that which refused most.
    const all = [...beyondError(beyond, config), ...errors, ...verdict.errors];
    this.#options.emit({
      type: 'to-coordinator',
      message: {
        type: 'ingested',
        request: request.request,
        accepted: verdict.accepted,
        rejected: errors.length + verdict.errors.length + beyond,
        errors: all.slice(0, INGEST_ERRORS_MAX),
        ...(hasKinds === true && { kinds: kindsTaken({ events, lines }, verdict) }),
      },
    });
  }

  events(
    name: string,
    { events, lines }: IngestedEvents,
    time: IngestTime,
    nowMs: number,
  ): { accepted: number; errors: LineError[] } {
    const stream = this.#stream(name);
    if (stream === null) {
      const message = `more than ${this.#options.config.streamsMax} streams`;
      return { accepted: 0, errors: [{ line: lines[0] ?? 1, message }] };
    }
    if (stream.stale) this.#refresh(name, stream);
    this.#reportDue = true;
    stream.fields.look(events, nowMs);
    this.#options.values.events(name, events, nowMs);
    const readTime = time.field === null ? null : timeReader(time.field);
    const arrivalMs = time.atMs ?? nowMs;
    const errors: LineError[] = [];
    let accepted = 0;
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as Event;
      const timeMs = readTime === null ? arrivalMs : (eventTimeMs(readTime(event)) ?? nowMs);
      stream.page.received++;
      if (this.#append(stream, event, timeMs, nowMs)) {
        accepted++;
        continue;
      }
      drop(stream.page, 'oversize', 1);
      errors.push({ line: lines[i] ?? i + 1, message: 'the event is larger than a frame may be' });
    }
    this.#evaluateCollected(stream, nowMs);
    return { accepted, errors };
  }

  /** Somebody will send it once it is asked for, so that it is known before. */
  offer(name: string): void {
    if (this.#stream(name) !== null) this.#reportDue = true;
  }

  /** What a sender could not send: windows hear of it as of an agent's own losses. */
  lost(name: string, count: number): void {
    const stream = this.#stream(name);
    if (stream === null) return;
    stream.lost += count;
    this.#reportDue = true;
  }

  /** A view's rows are events like any other, but all at the end of their window. */
  viewRows({ stream, timeMs, events }: ViewRows, nowMs: number): void {
    const time = { field: null, atMs: timeMs };
    const { errors } = this.events(stream, { events, lines: [] }, time, nowMs);
    if (errors.length > 0) this.#tellLost(stream, errors.length);
  }

  /** Rows of a view that are too large reach no reader, and each reader's answer says so. */
  #tellLost(stream: string, rows: number): void {
    const before = this.#viewRowsLost.get(stream);
    const lost = new Map<string, number>();
    for (const { pipeline } of this.#options.plans.ofStream(stream)) {
      const oversize = (before?.get(pipeline) ?? 0) + rows;
      lost.set(pipeline, oversize);
      const message = { type: 'stage-counts', pipeline, late: 0, dropped: { oversize } } as const;
      this.#options.emit({ type: 'to-coordinator', message });
    }
    this.#viewRowsLost.set(stream, lost);
  }

  /** The stream is forgotten; what it counted stays in the ledger, on the page of all such. */
  viewEnd(name: string): void {
    const stream = this.#streams.get(name);
    if (stream === undefined) return;
    this.#streams.delete(name);
    this.#viewRowsLost.delete(name);
    addPage(this.#endedViews, stream.page);
    this.#reportDue = true;
  }

  flush(): void {
    if (!this.#reportDue) return;
    this.#reportDue = false;
    const streams = [...this.#streams.values()].map(({ page, lost }) => {
      page.counts = lost === 0 ? null : toldCounts(page.received, lost);
      return pageReport(page);
    });
    if (this.#endedViews.received > 0) streams.push(pageReport(this.#endedViews));
    this.#options.emit({
      type: 'to-coordinator',
      message: { type: 'agent-report', agentKey: 0, evaluatedSequence: 0, offsetMs: 0, streams },
    });
    for (const [stream, { fields, viaNews }] of this.#streams) {
      for (const via of viaNews.splice(0)) {
        const message = { type: 'stream-via', stream, via } as const;
        this.#options.emit({ type: 'to-coordinator', message });
      }
      const news = fields.take();
      if (news.length === 0) continue;
      const message = { type: 'stream-fields', stream, fields: news } as const;
      this.#options.emit({ type: 'to-coordinator', message });
    }
  }

  /** Before the events go on, so that no window closes without those that may be late. */
  announceTime(
    request: Pick<IngestRequest, 'stream' | 'timeField' | 'slackMs'>,
    events: readonly Event[],
    nowMs: number,
  ): void {
    const news = this.#stream(request.stream)?.clock.news(request, events, nowMs) ?? null;
    if (news === null) return;
    const message = { type: 'stream-time', stream: request.stream, ...news } as const;
    this.#options.emit({ type: 'to-coordinator', message });
  }

  /** Says once of a stream that it comes by this way; of the engine's own nobody need be told. */
  came(name: string, via: IngestVia): void {
    if (isReservedStream(name)) return;
    const stream = this.#stream(name);
    if (stream === null || stream.via.has(via)) return;
    stream.via.add(via);
    stream.viaNews.push(via);
  }

  /** What came and will never be an event. */
  #dropped({ stream, reason, count }: Omit<IngestLoss, 'type'>): void {
    const page = count === 0 ? undefined : this.#stream(stream)?.page;
    if (page === undefined) return;
    page.received += count;
    drop(page, reason, count);
    this.#reportDue = true;
  }

  #append(stream: IngestStream, event: Event, timeMs: number, nowMs: number): boolean {
    if (stream.builder === null) {
      // Nobody asks: looked at, wanted by no query.
      stream.page.evaluated++;
      return true;
    }
    stream.marks?.decide(event, stream.page.received, timeMs);
    let outcome = stream.builder.append(event, timeMs);
    if (outcome === 'full') {
      this.#evaluateCollected(stream, nowMs);
      outcome = stream.builder.append(event, timeMs);
    }
    return outcome === 'added';
  }

  #evaluateCollected(stream: IngestStream, nowMs: number): void {
    if (stream.builder === null || stream.builder.rows === 0) return;
    const batch = stream.builder.seal();
    const bytes = this.#encoder.encode(batch, {
      stream: stream.page.stream,
      frameSequence: ++this.#frameSequence,
      firstSequence: stream.sequence,
      epoch: this.#options.plans.epoch,
      watermarkMs: nowMs,
      filtered: 0,
    });
    stream.sequence += batch.rows;
    const decoded = this.#decoder.decode(bytes);
    if (decoded.ok) {
      this.#options.evaluate(decoded.value, stream.page, nowMs);
      return;
    }
    drop(stream.page, 'malformed', batch.rows);
    // What the decoder refused it did not learn: both ends begin anew, or no later frame is read.
    this.#encoder = this.#newEncoder();
    this.#decoder = this.#newDecoder();
  }

  #newEncoder(): FrameEncoder {
    const { dictionaryEntriesMax, dictionaryBytesMax } = this.#options.config;
    return new FrameEncoder({ entriesMax: dictionaryEntriesMax, bytesMax: dictionaryBytesMax });
  }

  #newDecoder(): EventDecoder {
    const { config, interner } = this.#options;
    return createEventDecoder({ agentId: this.#agentId, interner, limits: config });
  }

  #stream(name: string): IngestStream | null {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    // Views are as few as running queries.
    const hasRoom = this.#streams.size < this.#options.config.streamsMax;
    if (!hasRoom && !isViewStream(name)) return null;
    const stream: IngestStream = {
      page: streamPage(name),
      fields: new FieldWatch(this.#options.config.catalogueFieldsMax),
      builder: null,
      marks: null,
      stale: true,
      lost: 0,
      clock: new IngestClock(this.#options.config),
      via: new Set(),
      viaNews: [],
      sequence: 1,
    };
    this.#streams.set(name, stream);
    return stream;
  }

  #refresh(name: string, stream: IngestStream): void {
    const { config, plans } = this.#options;
    const planned = plans.ofStream(name);
    stream.stale = false;
    const sources = planned.map(({ plan, share }) =>
      dealtSource(sourceStageFor(plan, name), share),
    );
    const { readers, allFields } = fieldSetOf(sources);
    const sampled = planned.flatMap(({ pipeline: query }, i) => {
      const sample = sources[i]?.sample ?? null;
      return sample === null ? [] : [{ query, sample }];
    });
    stream.marks = sampled.length === 0 ? null : new SampleMarks(sampled, this.#agentId);
    stream.builder =
      planned.length === 0
        ? null
        : new CellBatchBuilder([...readers, ...(stream.marks?.readers ?? [])], allFields, {
            rowsMax: config.agentFlushEvents,
            bytesMax: config.frameBytesMax / 2,
            fieldsMax: config.fieldsMax,
            fieldNameBytesMax: config.fieldNameBytesMax,
          });
  }
}

/** How many events of each kind, less those that were refused after all. */
function kindsTaken(
  { events, lines }: IngestedEvents,
  { accepted, errors }: { readonly accepted: number; readonly errors: readonly LineError[] },
): SampleKinds {
  const refused = new Set(errors.map(({ line }) => line));
  const taken = { samples: 0, histograms: 0, exemplars: 0 };
  if (accepted === 0) return taken;
  for (const [i, event] of events.entries()) {
    if (refused.has(lines[i] as number)) continue;
    const { exemplars } = event;
    taken[kindOf(event)]++;
    if (Array.isArray(exemplars)) taken.exemplars += exemplars.length;
  }
  return taken;
}

/** What the sender of a body hears of the events in it that nobody looked at. */
function beyondError(beyond: number, { bodyEventsMax }: Config): LineError[] {
  if (beyond === 0) return [];
  const message = `more than ${bodyEventsMax} events in one body: the last ${beyond} were not taken`;
  return [{ line: bodyEventsMax + 1, message }];
}

/** The senders of a stream as one that keeps counts as an agent does. */
function toldCounts(received: number, lost: number): StreamCounts {
  const nothing = { filtered: 0, sampledOut: 0, aggregated: 0 };
  return { ...nothing, offered: received + lost, sent: received, dropped: { queue: lost } };
}
