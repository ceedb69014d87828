/**
 * What the engine offers, kept fresh while the page is visible: streams with their fields, the
 * status and the functions of the language. Answers are read tolerantly and bounded; a failed poll
 * leaves what was known.
 */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { FieldView, StreamView } from '../src/coordinator/views.ts';
import type { Api } from './browser-host.ts';
import { CATALOGUE_POLL_MS, FIELDS_SHOWN_MAX, STREAMS_SHOWN_MAX } from './limits.ts';

export interface EngineStatus {
  readonly version: string;
  readonly demo: boolean;
}

export interface LanguageFunction {
  readonly name: string;
  readonly signature: string;
  readonly doc: string;
  readonly aggregate: boolean;
  /** Of an aggregate that is not exact. */
  readonly error: string | null;
}

export class Catalogue {
  readonly streams: Signal<readonly StreamView[]> = signal([]);
  readonly streamCount: Signal<number> = signal(0);
  readonly status: Signal<EngineStatus | null> = signal(null);
  readonly functions: Signal<readonly LanguageFunction[]> = signal([]);
  /** False until the engine answered once. */
  readonly loaded: Signal<boolean> = signal(false);
  /** The engine asks for a token. */
  readonly locked: Signal<boolean> = signal(false);

  readonly #api: Api;
  #previous = '';

  constructor(api: Api) {
    this.#api = api;
  }

  /** Polls for as long as the page lives; hidden pages rest. */
  start(isHidden: () => boolean): void {
    const poll = async (): Promise<void> => {
      if (!isHidden()) await this.refresh();
      setTimeout(() => void poll(), CATALOGUE_POLL_MS);
    };
    void poll();
  }

  async refresh(): Promise<void> {
    const [streams, status] = await Promise.all([
      this.#api('GET', 'streams'),
      this.#api('GET', 'status'),
    ]);
    this.locked.value = streams.status === 401 || streams.status === 403;
    if (streams.status === 200) this.#takeStreams(listOf(streams.body, 'streams'));
    if (status.status === 200) this.#takeStatus(status.body);
    if (this.functions.value.length === 0 && streams.status === 200) await this.#readLanguage();
  }

  async #readLanguage(): Promise<void> {
    const { status, body } = await this.#api('GET', 'language');
    if (status !== 200) return;
    const functions = [
      ...listOf(body, 'functions').flatMap((f) => functionFrom(f, false)),
      ...listOf(body, 'aggregates').flatMap((f) => functionFrom(f, true)),
    ];
    this.functions.value = functions.slice(0, 1_000);
  }

  #takeStreams(list: readonly unknown[]): void {
    const streams = list.flatMap(streamFrom);
    streams.sort((a, b) => (a.name < b.name ? -1 : 1));
    const shown = streams.slice(0, STREAMS_SHOWN_MAX);
    const text = JSON.stringify(shown);
    if (text !== this.#previous) {
      this.#previous = text;
      this.streams.value = shown;
    }
    this.streamCount.value = streams.length;
    this.loaded.value = true;
  }

  #takeStatus(body: unknown): void {
    const { version, demo } = recordFrom(body);
    const next = { version: typeof version === 'string' ? version : '', demo: demo === true };
    const known = this.status.value;
    if (known?.version !== next.version || known.demo !== next.demo) this.status.value = next;
  }
}

export function recordFrom(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A list, or the list under `name` of an object. */
export function listOf(body: unknown, name: string): readonly unknown[] {
  if (Array.isArray(body)) return body;
  const inner = recordFrom(body)[name];
  return Array.isArray(inner) ? inner : [];
}

function streamFrom(value: unknown): StreamView[] {
  const { name, fields } = recordFrom(value);
  if (typeof name !== 'string') return [];
  const known = value as StreamView;
  const list = (Array.isArray(fields) ? fields : [])
    .filter(isField)
    .slice(0, FIELDS_SHOWN_MAX)
    .map((field) => ({
      ...field,
      values: listOf(field, 'values').filter(isScalar).slice(0, VALUES_MAX),
    }));
  // An engine that is older says nothing of it.
  const via = listOf(known, 'via').filter((way) => typeof way === 'string');
  const changes = listOf(value, 'changes') as StreamView['changes'];
  return [{ ...known, name, via, fields: list, changes: changes.slice(-CHANGES_MAX) }];
}

/** Changes of fields of one stream. */
const CHANGES_MAX = 20;

/** Of one field, however many the engine tells. */
const VALUES_MAX = 20;

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isField(value: unknown): value is FieldView {
  return typeof recordFrom(value)['name'] === 'string';
}

function functionFrom(value: unknown, aggregate: boolean): LanguageFunction[] {
  const record = recordFrom(value);
  const { name, signature, doc, kind } = record;
  if (typeof name !== 'string') return [];
  return [
    {
      name,
      signature: typeof signature === 'string' ? signature : `${name}(…)`,
      doc: typeof doc === 'string' ? doc : '',
      error: typeof record['error'] === 'string' ? record['error'] : null,
      aggregate: aggregate || kind === 'aggregate' || record['aggregate'] === true,
    },
  ];
}
