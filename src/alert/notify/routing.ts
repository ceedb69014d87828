/**
 * The routing tree: which receivers hear of an alert, and how it is grouped there. An alert walks
 * down from the root; at each level the first child whose matchers fit takes it, and the following
 * ones too as long as those before say `continue`. A node without fitting children keeps it.
 */
import { matcherText, matchesAll } from './matcher.ts';
import type { Labels, Matcher } from './matcher.ts';

/** A node as it is written; what is left out comes from its parent. */
export interface RouteSpec {
  readonly name?: string;
  readonly match: readonly Matcher[];
  readonly receiver?: string;
  /** `['...']`: by all labels, so that every alert is a group of its own. */
  readonly groupBy?: readonly string[];
  readonly groupWaitMs?: number;
  readonly groupIntervalMs?: number;
  readonly repeatMs?: number;
  readonly allClear?: 'at-once' | 'grouped' | 'never';
  readonly escalate?: readonly EscalationStep[];
  readonly continue?: boolean;
  readonly routes: readonly RouteSpec[];
}

export interface EscalationStep {
  /** From the first page of the incident. */
  readonly afterMs: number;
  readonly receiver: string;
}

/** A node with everything its ancestors gave it. */
export interface Route {
  /** Stays the same while its name, or the matchers on the way to it, stay. */
  readonly id: string;
  readonly receiver: string;
  readonly groupBy: readonly string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatMs: number;
  readonly allClear: 'at-once' | 'grouped' | 'never';
  readonly escalate: readonly EscalationStep[];
  readonly match: readonly Matcher[];
  readonly goesOn: boolean;
  readonly name: string | null;
  readonly children: readonly Route[];
}

export const ROUTE_DEFAULTS = {
  groupBy: ['alertname'],
  groupWaitMs: 100,
  groupIntervalMs: 30_000,
  repeatMs: 4 * 3_600_000,
  allClear: 'at-once',
  escalate: [],
} as const;

export function routeTree(spec: RouteSpec): Route {
  const root = { ...ROUTE_DEFAULTS, receiver: '', id: '' };
  return node(spec, root, new Set());
}

type Inherited = Omit<Route, 'match' | 'goesOn' | 'name' | 'children'>;

function node(spec: RouteSpec, parent: Inherited, ids: Set<string>): Route {
  const inherited: Inherited = {
    id: uniqueId(spec, parent.id, ids),
    receiver: spec.receiver ?? parent.receiver,
    groupBy: spec.groupBy ?? parent.groupBy,
    groupWaitMs: spec.groupWaitMs ?? parent.groupWaitMs,
    groupIntervalMs: spec.groupIntervalMs ?? parent.groupIntervalMs,
    repeatMs: spec.repeatMs ?? parent.repeatMs,
    allClear: spec.allClear ?? parent.allClear,
    escalate: spec.escalate ?? parent.escalate,
  };
  return {
    ...inherited,
    match: spec.match,
    goesOn: spec.continue ?? false,
    name: spec.name ?? null,
    children: spec.routes.map((child) => node(child, inherited, ids)),
  };
}

/** Made of matchers and not of places, so that a new sibling changes nobody's groups. */
function uniqueId(spec: RouteSpec, parentId: string, ids: Set<string>): string {
  const own = spec.name ?? `${parentId}{${spec.match.map(matcherText).join(',')}}`;
  let id = own;
  for (let n = 2; ids.has(id); n += 1) id = `${own}#${n}`;
  ids.add(id);
  return id;
}

/** Where the alert ends up. `asked`: a route that the rule names; an unknown one is passed over. */
export function routesFor(root: Route, labels: Labels, asked: string | null): readonly Route[] {
  const start = asked === null ? null : routeNamed(root, asked);
  const found: Route[] = [];
  walk(start ?? root, labels, found);
  return found;
}

function walk(route: Route, labels: Labels, found: Route[]): void {
  let taken = false;
  for (const child of route.children) {
    if (!matchesAll(child.match, labels)) continue;
    taken = true;
    walk(child, labels, found);
    if (!child.goesOn) break;
  }
  if (!taken) found.push(route);
}

export function routeNamed(root: Route, name: string): Route | null {
  if (root.name === name) return root;
  for (const child of root.children) {
    const found = routeNamed(child, name);
    if (found !== null) return found;
  }
  return null;
}

export function allRoutes(root: Route): readonly Route[] {
  return [root, ...root.children.flatMap(allRoutes)];
}

/** The labels that make a group, and its name among all groups. */
export function groupOf(route: Route, labels: Labels): { key: string; labels: Labels } {
  const names = route.groupBy.includes('...') ? Object.keys(labels).sort() : route.groupBy;
  const own = Object.fromEntries(names.map((name) => [name, labels[name] ?? '']));
  return { key: `${route.id} ${JSON.stringify(own)}`, labels: own };
}
