/**
 * An Alertmanager configuration as one of ours. What alerts go where, how they are grouped and what
 * inhibits them stays; what cannot be carried over is said and not passed over.
 * @see https://prometheus.io/docs/alerting/latest/configuration/
 */
import { stringify } from 'yaml';
import { err, ok } from '../../core/result.ts';
import type { Result } from '../../core/result.ts';
import { yamlValue } from '../../core/yaml-text.ts';
import { convertReceiver, isFields, listOf, textOf } from './alertmanager-receivers.ts';
import type { ConvertedReceiver, Fields } from './alertmanager-receivers.ts';
import { matcherText, parseMatcher } from './matcher.ts';

export interface Conversion {
  /** YAML. */
  readonly text: string;
  /** What a person has to see to, one sentence each. */
  readonly notes: readonly string[];
}

/** Alertmanager's own defaults, said so that nothing changes with ours. */
const ROOT_DEFAULTS = { groupBy: [], groupWait: '30s', groupInterval: '5m', repeat: '4h' };
const TIMING = {
  group_wait: 'groupWait',
  group_interval: 'groupInterval',
  repeat_interval: 'repeat',
} as const;

export function fromAlertmanager(text: string): Result<Conversion, string> {
  const read = yamlValue(text);
  if (!read.ok) return read;
  const config = read.value;
  if (!isFields(config) || !isFields(config['route'])) {
    return err('this is no configuration of an Alertmanager: it has no `route`');
  }
  return ok(new Converter().convert(config, config['route']));
}

class Converter {
  readonly #notes = new Set<string>();
  readonly #receivers = new Map<string, readonly ConvertedReceiver[]>();

  convert(config: Fields, route: Fields): Conversion {
    const global = isFields(config['global']) ? config['global'] : {};
    const source = { global, note: (note: string) => void this.#notes.add(note) };
    for (const receiver of listOf(config['receivers'])) {
      this.#receivers.set(textOf(receiver['name']) ?? '', convertReceiver(receiver, source));
    }
    if (config['templates'] !== undefined) {
      this.#notes.add('templates: messages are made of the annotations of rules');
    }
    for (const key of ['time_intervals', 'mute_time_intervals']) {
      if (config[key] !== undefined) this.#notes.add(`${key}: write them as \`maintenance\``);
    }
    const receivers = [...this.#receivers.values()].flat();
    const inhibit = listOf(config['inhibit_rules']).map((rule) => this.#inhibition(rule));
    const converted = {
      receivers: Object.fromEntries(receivers.map(({ name, fields }) => [name, fields])),
      route: { ...this.#route(route, true, ROOT_DEFAULTS) },
      ...(inhibit.length > 0 && { inhibit }),
    };
    return { text: stringify(converted, { lineWidth: 100 }), notes: [...this.#notes] };
  }

  /** `tellsEnd`: what the parent says, which is inherited here and belongs to a receiver there. */
  #route(route: Fields, tellsEnd: boolean, defaults: Fields = {}): Fields {
    for (const key of ['mute_time_intervals', 'active_time_intervals']) {
      if (route[key] !== undefined) {
        this.#notes.add(`${key} of a route: write it as \`maintenance\`, by matchers`);
      }
    }
    const match = this.#matchers(route, '');
    const named = this.#receivers.get(textOf(route['receiver']) ?? '') ?? [];
    const [first, ...others] = named;
    const own = first?.tellsEnd ?? tellsEnd;
    const routes = listOf(route['routes']).map((child) => this.#route(child, own));
    if (others.length > 0 && listOf(route['routes']).some((child) => child['continue'] === true)) {
      this.#notes.add(`${first?.name}: a route to it has children that continue; look at it again`);
    }
    const timing = Object.entries(TIMING).flatMap(([theirs, ours]) =>
      route[theirs] === undefined ? [] : [[ours, route[theirs]]],
    );
    return {
      ...(match.length > 0 && { match }),
      ...(first !== undefined && { receiver: first.name }),
      ...allClear(own, tellsEnd),
      ...defaults,
      ...(Array.isArray(route['group_by']) && { groupBy: route['group_by'] }),
      ...Object.fromEntries(timing),
      ...(route['continue'] === true && { continue: true }),
      ...withOthers(routes, named, own),
    };
  }

  #inhibition(rule: Fields): Fields {
    return {
      source: this.#matchers(rule, 'source_'),
      target: this.#matchers(rule, 'target_'),
      ...(Array.isArray(rule['equal']) && { equal: rule['equal'] }),
    };
  }

  /** `match`, `match_re` and `matchers`, which have to hold all of them. */
  #matchers(from: Fields, prefix: string): string[] {
    const texts = [
      ...pairs(from[`${prefix}match`]).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
      ...pairs(from[`${prefix}match_re`]).map(
        ([name, value]) => `${name}=~${JSON.stringify(value)}`,
      ),
      ...matcherTexts(from[`${prefix}matchers`]),
    ];
    return texts.map((text) => {
      const matcher = parseMatcher(text);
      if (matcher.ok) return matcherText(matcher.value);
      this.#notes.add(matcher.error);
      return text;
    });
  }
}

/** A receiver with several configs: after all children, for what none of them took. */
function withOthers(
  routes: readonly Fields[],
  named: readonly ConvertedReceiver[],
  tellsEnd: boolean,
): Fields {
  const each = named.map((receiver, index) => ({
    receiver: receiver.name,
    ...allClear(receiver.tellsEnd, tellsEnd),
    ...(index < named.length - 1 && { continue: true }),
  }));
  const all = named.length > 1 ? [...routes, ...each] : routes;
  return all.length === 0 ? {} : { routes: all };
}

function allClear(tellsEnd: boolean, inherited: boolean): Fields {
  return tellsEnd === inherited ? {} : { allClear: tellsEnd ? 'at-once' : 'never' };
}

function pairs(value: unknown): [string, string][] {
  return isFields(value)
    ? Object.entries(value).map(([name, text]) => [name, textOf(text) ?? ''])
    : [];
}

/** `a="b", c=~"d"`, in braces or not; several to a text. */
function matcherTexts(value: unknown): string[] {
  const texts = Array.isArray(value) ? value : [value];
  return texts.flatMap((text) => {
    const bare = (textOf(text) ?? '').trim().replace(/^\{([\s\S]*)\}$/, '$1');
    // A comma in quotes is a part of the value, and so is a backslash that escapes nothing.
    const found = bare.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? [];
    return found.map((one) => one.trim().replaceAll(/\\(?!["\\n])/g, '\\\\')).filter(Boolean);
  });
}
