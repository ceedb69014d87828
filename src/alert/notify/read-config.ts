/**
 * Receivers, routes, inhibitions and maintenance windows from YAML: one file, or several that are
 * read as one. Everything wrong is reported at once, with file, line and column.
 */
import { LineCounter } from 'yaml';
import { parseYaml } from '../../core/yaml-text.ts';
import { err, ok } from '../../core/result.ts';
import type { Result } from '../../core/result.ts';
import { suggest } from '../../../grammar/suggest.ts';
import { RECEIVER_KINDS } from '../receivers/catalogue.ts';
import type { ReceiverSpec } from '../receivers/contract.ts';
import { FieldReader } from '../receivers/field-reader.ts';
import type { Inhibition } from './inhibition.ts';
import { scheduleMistake } from './maintenance.ts';
import type { Maintenance } from './maintenance.ts';
import { parseMatcher } from './matcher.ts';
import type { Matcher } from './matcher.ts';
import type { NotifyConfig, WatchdogSpec } from './notify-config.ts';
import { mutesEverything } from './silence.ts';
import type { EscalationStep, RouteSpec } from './routing.ts';

export interface ConfigText {
  /** As it is shown in mistakes. */
  readonly path: string;
  readonly text: string;
}

/** `path:line:column: message`. */
export type NotifyMistake = string;

export function readNotifyConfig(
  files: readonly ConfigText[],
): Result<NotifyConfig, readonly NotifyMistake[]> {
  const reader = new ConfigReader();
  for (const file of files) reader.read(file);
  return reader.finish();
}

const ROUTES_DEPTH_MAX = 16;

class ConfigReader {
  readonly #mistakes: NotifyMistake[] = [];
  readonly #receivers = new Map<string, ReceiverSpec>();
  /** Names of receivers that routes and the watchdog use, to be found when all files are read. */
  readonly #used: { readonly name: string; readonly tell: (message: string) => void }[] = [];
  readonly #routeNames = new Set<string>();
  #route: RouteSpec | null = null;
  readonly #inhibitions: Inhibition[] = [];
  readonly #maintenance: Maintenance[] = [];
  #watchdog: WatchdogSpec | null = null;
  #externalUrl: string | null = null;
  #imagesUrl: string | null = null;

  read({ path, text }: ConfigText): void {
    const lines = new LineCounter();
    const document = parseYaml(text, lines);
    const tell = (at: number, message: string): void => {
      const { line, col } = lines.linePos(at);
      this.#mistakes.push(`${path}:${line}:${col}: ${message}`);
    };
    for (const { pos, message } of document.errors) {
      tell(pos[0], message.split('\n')[0] ?? 'not YAML');
    }
    if (document.errors.length > 0 || document.contents === null) return;
    const fields = new FieldReader(document.contents, tell, 'the file');
    this.#readReceivers(fields);
    const route = fields.child('route');
    if (route !== null && this.#route !== null)
      fields.mistake('route', 'there is one `route` already');
    if (route !== null) this.#route = this.#readRoute(route, 0);
    for (const item of fields.list('inhibit')) this.#inhibitions.push(this.#readInhibition(item));
    for (const item of fields.list('maintenance')) {
      const window = this.#readMaintenance(item);
      if (window !== null) this.#maintenance.push(window);
    }
    const watchdog = fields.child('watchdog');
    if (watchdog !== null) this.#watchdog = this.#readWatchdog(watchdog);
    if (fields.has('externalUrl')) this.#externalUrl = fields.url('externalUrl').replace(/\/$/, '');
    if (fields.has('imagesUrl')) this.#imagesUrl = this.#readImagesUrl(fields);
    fields.finish();
  }

  finish(): Result<NotifyConfig, readonly NotifyMistake[]> {
    const names = [...this.#receivers.keys()];
    for (const { name, tell } of this.#used) {
      if (this.#receivers.has(name)) continue;
      const near = suggest(name, names);
      tell(`no receiver is called \`${name}\`${near ? `; \`${near}\`?` : ''}`);
    }
    if (this.#mistakes.length > 0) return err(this.#mistakes);
    return ok({
      receivers: this.#receivers,
      route: this.#route,
      inhibitions: this.#inhibitions,
      maintenance: this.#maintenance,
      watchdog: this.#watchdog,
      externalUrl: this.#externalUrl,
      imagesUrl: this.#imagesUrl,
    });
  }

  /** PagerDuty shows pictures of https only. */
  #readImagesUrl(fields: FieldReader): string {
    const url = fields.url('imagesUrl').replace(/\/$/, '');
    if (!url.startsWith('https:')) fields.mistake('imagesUrl', '`imagesUrl` begins with https');
    return url;
  }

  #readReceivers(fields: FieldReader): void {
    const receivers = fields.child('receivers');
    for (const name of receivers?.names() ?? []) {
      const own = receivers?.child(name) ?? null;
      if (own === null) continue;
      if (this.#receivers.has(name)) receivers?.mistake(name, `\`${name}\` is there already`);
      const type = own.required('type');
      const kind = RECEIVER_KINDS.get(type);
      if (kind === undefined) {
        own.mistake('type', `\`type\` is one of ${[...RECEIVER_KINDS.keys()].join(', ')}`);
        continue;
      }
      const create = kind.read(own);
      own.finish();
      this.#receivers.set(name, { name, type, create, shown: own.shown });
    }
  }

  #readRoute(fields: FieldReader, depth: number): RouteSpec {
    const match = this.#matchers(fields, 'match');
    const receiver = this.#receiver(fields);
    if (depth === 0 && receiver === undefined) fields.mistake('receiver', '`receiver` is missing');
    if (depth === 0 && match.length > 0) fields.mistake('match', 'the root takes every alert');
    const name = fields.text('name');
    if (name !== undefined && this.#routeNames.has(name)) {
      fields.mistake('name', `a route called \`${name}\` is there already`);
    }
    if (name !== undefined) this.#routeNames.add(name);
    const spec = {
      name,
      match,
      receiver,
      groupBy: fields.texts('groupBy'),
      groupWaitMs: fields.duration('groupWait'),
      groupIntervalMs: fields.duration('groupInterval'),
      repeatMs: fields.duration('repeat'),
      allClear: fields.choice('allClear', ['at-once', 'grouped', 'never']),
      escalate: fields.has('escalate') ? this.#readLadder(fields) : undefined,
      continue: fields.boolean('continue', false),
    };
    if (spec.repeatMs !== undefined && spec.repeatMs < 1_000) {
      fields.mistake('repeat', '`repeat` is a second at least');
    }
    const routes = this.#children(fields, depth);
    fields.finish();
    return { ...definedOf(spec), match, routes };
  }

  #children(fields: FieldReader, depth: number): RouteSpec[] {
    const children = fields.list('routes');
    if (children.length === 0 || depth < ROUTES_DEPTH_MAX) {
      return children.map((child) => this.#readRoute(child, depth + 1));
    }
    fields.mistake('routes', `routes nest ${ROUTES_DEPTH_MAX} levels at most`);
    return [];
  }

  #readLadder(fields: FieldReader): EscalationStep[] {
    const steps = fields.list('escalate').map((step) => {
      const afterMs = step.duration('after');
      if (afterMs === undefined) step.mistake('after', '`after` is missing: 10m');
      const receiver = this.#receiver(step);
      if (receiver === undefined) step.mistake('receiver', '`receiver` is missing');
      step.finish();
      return { afterMs: afterMs ?? 0, receiver: receiver ?? '' };
    });
    const isRising = steps.every((step, at) => step.afterMs > (steps[at - 1]?.afterMs ?? -1));
    if (!isRising) fields.mistake('escalate', 'each step comes after the one before');
    return steps;
  }

  #readInhibition(fields: FieldReader): Inhibition {
    const source = this.#matchers(fields, 'source');
    const target = this.#matchers(fields, 'target');
    const equal = fields.texts('equal') ?? [];
    if (source.length === 0) fields.mistake('source', '`source` is missing: which alerts mute');
    if (target.length === 0) fields.mistake('target', '`target` is missing: which are muted');
    const name = fields.text('name', `inhibition ${this.#inhibitions.length + 1}`);
    fields.finish();
    return { name, source, target, equal };
  }

  #readMaintenance(fields: FieldReader): Maintenance | null {
    const window = {
      name: fields.required('name'),
      matchers: this.#matchers(fields, 'match'),
      schedule: fields.required('schedule'),
      durationMs: fields.duration('duration', 0),
      timeZone: fields.required('timeZone'),
      comment: fields.text('comment', ''),
    };
    const before = this.#mistakes.length;
    if (mutesEverything(window.matchers)) fields.mistake('match', 'it would mute everything');
    if (window.durationMs <= 0) fields.mistake('duration', '`duration` is missing: 2h');
    const mistake = scheduleMistake(window.schedule, window.timeZone);
    if (mistake !== null) fields.mistake('schedule', mistake);
    fields.finish();
    return this.#mistakes.length > before ? null : window;
  }

  #readWatchdog(fields: FieldReader): WatchdogSpec {
    const receiver = this.#receiver(fields);
    if (receiver === undefined) fields.mistake('receiver', '`receiver` is missing');
    const everyMs = fields.duration('every', 60_000);
    if (everyMs < 1_000) fields.mistake('every', '`every` is a second at least');
    fields.finish();
    return { receiver: receiver ?? '', everyMs };
  }

  #receiver(fields: FieldReader): string | undefined {
    const name = fields.text('receiver');
    if (name !== undefined) {
      this.#used.push({ name, tell: (message) => fields.mistake('receiver', message) });
    }
    return name;
  }

  #matchers(fields: FieldReader, name: string): Matcher[] {
    const matchers: Matcher[] = [];
    for (const text of fields.texts(name) ?? []) {
      const matcher = parseMatcher(text);
      if (matcher.ok) matchers.push(matcher.value);
      else fields.mistake(name, matcher.error);
    }
    return matchers;
  }
}

/** Without the members that are undefined: those come from the parent. */
function definedOf<T extends object>(spec: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(spec).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
