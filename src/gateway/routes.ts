/**
 * Every route of port 7070: method, path and the scope that it needs (null: none). The server, the
 * `Allow` header, the OpenAPI document and the tests all read this table.
 */
import { BOARD_ROUTES } from './board-routes.ts';
import { NOTIFY_ROUTES } from './notify-routes.ts';
import type { Scope } from './tokens.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments that begin with a colon are parameters. */
  readonly path: string;
  readonly scope: Scope | null;
}

export const ROUTES = {
  publish: { method: 'POST', path: '/api/v1/streams/:stream/events', scope: 'ingest' },
  otlpLogs: { method: 'POST', path: '/v1/logs', scope: 'ingest' },
  otlpMetrics: { method: 'POST', path: '/v1/metrics', scope: 'ingest' },
  otlpTraces: { method: 'POST', path: '/v1/traces', scope: 'ingest' },
  remoteWrite: { method: 'POST', path: '/api/v1/write', scope: 'ingest' },
  check: { method: 'POST', path: '/api/v1/query/check', scope: 'read' },
  liveStream: { method: 'GET', path: '/api/v1/query/live', scope: 'read' },
  formatQuery: { method: 'POST', path: '/api/v1/query/format', scope: 'read' },
  /** Answers requests that do not upgrade. */
  liveSocket: { method: 'GET', path: '/api/v1/live', scope: null },
  streams: { method: 'GET', path: '/api/v1/streams', scope: 'read' },
  fields: { method: 'GET', path: '/api/v1/fields', scope: 'read' },
  agents: { method: 'GET', path: '/api/v1/agents', scope: 'read' },
  queries: { method: 'GET', path: '/api/v1/queries', scope: 'read' },
  stopQuery: { method: 'DELETE', path: '/api/v1/queries/:id', scope: 'write' },
  savedQueries: { method: 'GET', path: '/api/v1/saved-queries', scope: 'read' },
  savedQuery: { method: 'GET', path: '/api/v1/saved-queries/:name', scope: 'read' },
  saveQuery: { method: 'PUT', path: '/api/v1/saved-queries/:name', scope: 'write' },
  removeSavedQuery: { method: 'DELETE', path: '/api/v1/saved-queries/:name', scope: 'write' },
  series: { method: 'GET', path: '/api/v1/series', scope: 'read' },
  status: { method: 'GET', path: '/api/v1/status', scope: 'read' },
  ledger: { method: 'GET', path: '/api/v1/ledger', scope: 'read' },
  language: { method: 'GET', path: '/api/v1/language', scope: 'read' },
  openSession: { method: 'POST', path: '/api/v1/session', scope: null },
  closeSession: { method: 'DELETE', path: '/api/v1/session', scope: null },
  demoBreak: { method: 'POST', path: '/api/v1/demo/break', scope: 'write' },
  demoHeal: { method: 'POST', path: '/api/v1/demo/heal', scope: 'write' },
  tables: { method: 'GET', path: '/api/v1/tables', scope: 'read' },
  table: { method: 'GET', path: '/api/v1/tables/:table', scope: 'read' },
  putTable: { method: 'PUT', path: '/api/v1/tables/:table', scope: 'write' },
  putTableSource: { method: 'PUT', path: '/api/v1/tables/:table/source', scope: 'write' },
  deleteTable: { method: 'DELETE', path: '/api/v1/tables/:table', scope: 'write' },
  rules: { method: 'GET', path: '/api/v1/rules', scope: 'read' },
  checkRules: { method: 'POST', path: '/api/v1/rules/check', scope: 'read' },
  previewRule: { method: 'POST', path: '/api/v1/rules/preview', scope: 'read' },
  backtestRule: { method: 'POST', path: '/api/v1/rules/backtest', scope: 'read' },
  rule: { method: 'GET', path: '/api/v1/rules/:rule', scope: 'read' },
  putRule: { method: 'PUT', path: '/api/v1/rules/:rule', scope: 'write' },
  deleteRule: { method: 'DELETE', path: '/api/v1/rules/:rule', scope: 'write' },
  ruleVersions: { method: 'GET', path: '/api/v1/rules/:rule/versions', scope: 'read' },
  ruleHistory: { method: 'GET', path: '/api/v1/rules/:rule/history', scope: 'read' },
  ruleWhy: { method: 'GET', path: '/api/v1/rules/:rule/why', scope: 'read' },
  alerts: { method: 'GET', path: '/api/v1/alerts', scope: 'read' },
  alertHistory: { method: 'GET', path: '/api/v1/alerts/history', scope: 'read' },
  dismissAlert: { method: 'POST', path: '/api/v1/alerts/dismiss', scope: 'write' },
  /** As Prometheus answers them, below a path of their own: ours say more. */
  prometheusRules: { method: 'GET', path: '/prometheus/api/v1/rules', scope: 'read' },
  prometheusAlerts: { method: 'GET', path: '/prometheus/api/v1/alerts', scope: 'read' },
  ...NOTIFY_ROUTES,
  ...BOARD_ROUTES,
  metrics: { method: 'GET', path: '/metrics', scope: 'read' },
  healthy: { method: 'GET', path: '/-/healthy', scope: null },
  ready: { method: 'GET', path: '/-/ready', scope: null },
  openapi: { method: 'GET', path: '/openapi.json', scope: null },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;

export const ROUTE_NAMES: readonly RouteName[] = Object.keys(ROUTES) as RouteName[];

/** Methods that the path knows; empty: no such path. */
export function methodsOf(path: string): readonly string[] {
  const methods = ROUTE_NAMES.filter((name) => PATTERNS.get(name)?.test(path) === true).map(
    (name) => ROUTES[name].method,
  );
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

const PATTERNS = new Map<RouteName, RegExp>(
  ROUTE_NAMES.map((name) => [name, patternOf(ROUTES[name].path)]),
);

function patternOf(path: string): RegExp {
  const source = path.replaceAll(/[.]/g, '\\$&').replaceAll(/:[a-z]+/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
