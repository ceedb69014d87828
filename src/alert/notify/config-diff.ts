/** What a reload changes, in lines for the log and for whoever asked for it. */
import type { NotifyConfig } from './notify-config.ts';
import { allRoutes, routeTree } from './routing.ts';
import type { Route } from './routing.ts';

export function configDiff(before: NotifyConfig, after: NotifyConfig): readonly string[] {
  return [
    ...namedDiff('receiver', shownReceivers(before), shownReceivers(after)),
    ...namedDiff('route', shownRoutes(before), shownRoutes(after)),
    ...namedDiff('inhibition', byName(before.inhibitions), byName(after.inhibitions)),
    ...namedDiff('maintenance', byName(before.maintenance), byName(after.maintenance)),
    ...(JSON.stringify(before.watchdog) === JSON.stringify(after.watchdog) ? [] : ['~ watchdog']),
    ...(before.externalUrl === after.externalUrl ? [] : ['~ externalUrl']),
    ...(before.imagesUrl === after.imagesUrl ? [] : ['~ imagesUrl']),
  ];
}

type Shown = ReadonlyMap<string, string>;

function namedDiff(kind: string, before: Shown, after: Shown): string[] {
  const lines: string[] = [];
  for (const [name, text] of after) {
    const old = before.get(name);
    if (old === undefined) lines.push(`+ ${kind} ${name}`);
    else if (old !== text) lines.push(`~ ${kind} ${name}`);
  }
  for (const name of before.keys()) if (!after.has(name)) lines.push(`- ${kind} ${name}`);
  return lines;
}

function shownReceivers({ receivers }: NotifyConfig): Shown {
  return new Map([...receivers].map(([name, spec]) => [name, JSON.stringify(spec.shown)]));
}

function shownRoutes({ route }: NotifyConfig): Shown {
  if (route === null) return new Map();
  return new Map(allRoutes(routeTree(route)).map((node) => [node.id || 'root', ownText(node)]));
}

function ownText(route: Route): string {
  return JSON.stringify({ ...route, children: [] });
}

function byName(items: readonly { readonly name: string }[]): Shown {
  return new Map(items.map((item) => [item.name, JSON.stringify(item)]));
}
