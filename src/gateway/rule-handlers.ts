/** The routes of alert rules and alerts. */
import { explainAlert } from '../alert/explain-alert.ts';
import type { AlertService } from '../alert/alert-service.ts';
import { alertView, prometheusAlerts, prometheusRules } from '../alert/alert-views.ts';
import { ruleDetail, ruleView } from '../alert/alert-views.ts';
import type { AlertNotified } from '../alert/alert-views.ts';
import { previewRule } from '../alert/preview.ts';
import { checkRules, rulesCheck } from '../alert/check-rules.ts';
import type { Put, RuleEntry } from '../alert/rule-book.ts';
import { EngineError } from '../core/errors.ts';
import { backtestRule, isOneRule, notOneRule } from './backtest-handler.ts';
import type { GatewayContext } from './gateway-context.ts';
import { expectedVersion, queryTime, readJsonObject, textMember } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { json } from './json-response.ts';
import type { Handler } from './route-handlers.ts';

const HISTORY_DEFAULT = 100;
const HISTORY_MAX = 1_000;

type RuleRoute =
  | 'rules'
  | 'rule'
  | 'putRule'
  | 'deleteRule'
  | 'ruleVersions'
  | 'ruleHistory'
  | 'ruleWhy'
  | 'checkRules'
  | 'previewRule'
  | 'backtestRule'
  | 'alerts'
  | 'alertHistory'
  | 'dismissAlert'
  | 'prometheusRules'
  | 'prometheusAlerts';

export const RULE_HANDLERS: Readonly<Record<RuleRoute, Handler>> = {
  rules: (_, context) => {
    const service = alertsOf(context);
    const { lastReload } = service;
    const rules = service.book.entries().map((entry) => ruleView(service, entry));
    return json({ rules, files: lastReload });
  },
  rule: (request, context) => {
    const service = alertsOf(context);
    const entry = entryOf(request, service);
    return json(ruleDetail(service, entry), 200, { ETag: etag(entry.version) });
  },
  putRule,
  deleteRule,
  ruleVersions: (request, context) => {
    const name = nameOf(request);
    const versions = alertsOf(context).versions(name);
    if (versions.length === 0) throw unknownRule(name);
    return json({ versions });
  },
  ruleHistory: (request, context) => {
    const service = alertsOf(context);
    const { rule } = entryOf(request, service);
    return json({ transitions: service.history({ ...historyQuery(request), rule: rule.name }) });
  },
  ruleWhy,
  checkRules: async (request, context) => {
    const body = await readJsonObject(request, context);
    const text = ruleText(body);
    const { rules } = context.engine;
    const check = await rules.checkElsewhere(text);
    return json(check ?? rulesCheck(checkRules(text, rules.scope())));
  },
  previewRule: async (request, context) => {
    const { engine } = context;
    const body = await readJsonObject(request, context);
    const text = ruleText(body);
    const check = await engine.rules.checkElsewhere(text);
    if (check !== null && !isOneRule(check)) {
      return json({ mistakes: check.mistakes, preview: null });
    }
    const { rules, mistakes } = checkRules(text, engine.rules.scope());
    const [checked] = rules;
    const plan = checked?.planned.plan ?? null;
    if (checked === undefined || plan === null) return json({ mistakes, preview: null });
    return json({ mistakes, preview: previewRule(checked, engine.recent(plan.fingerprint)) });
  },
  backtestRule,
  alerts: (_, context) => {
    const told = context.engine.notify?.told() ?? new Map<string, AlertNotified>();
    const firing = alertsOf(context).firing();
    const views = firing.map((alert) =>
      alertView(alert, told.get(alert.transition.episode) ?? null),
    );
    return json({ alerts: views });
  },
  alertHistory: (request, context) =>
    json({ transitions: alertsOf(context).history(historyQuery(request)) }),
  dismissAlert: async (request, context) => {
    const body = await readJsonObject(request, context);
    const [rule, key] = [textMember(body, 'rule'), textMember(body, 'key')];
    if (!alertsOf(context).dismiss(rule, key, authorOf(request))) {
      throw new EngineError(
        'ENGINE_NOT_FOUND',
        `No alert of ${JSON.stringify(rule)} has this key.`,
      );
    }
    return json({ dismissed: true });
  },
  prometheusRules: (_, context) => json(prometheusRules(alertsOf(context))),
  prometheusAlerts: (_, context) => json(prometheusAlerts(alertsOf(context))),
};

async function putRule(request: GatewayRequest, context: GatewayContext): Promise<Response> {
  const service = alertsOf(context);
  const name = nameOf(request);
  const text = ruleText(await readJsonObject(request, context));
  const check = await context.engine.rules.checkElsewhere(text);
  if (check !== null && !isOneRule(check)) throw notOneRule(check.mistakes);
  const put = service.put(name, text, {
    author: authorOf(request),
    expected: expectedVersion(request),
  });
  if (!put.ok) throw refusal(name, put);
  const headers = { ETag: etag(put.entry.version) };
  return json(ruleDetail(service, put.entry), put.isNew ? 201 : 200, headers);
}

function deleteRule(request: GatewayRequest, context: GatewayContext): Response {
  const service = alertsOf(context);
  const { rule } = entryOf(request, service);
  const how = { author: authorOf(request), expected: expectedVersion(request) };
  const refused = service.remove(rule.name, how);
  if (refused !== null) throw refusal(rule.name, refused);
  return new Response(null, { status: 204 });
}

function ruleWhy(request: GatewayRequest, context: GatewayContext): Response {
  const service = alertsOf(context);
  const { rule } = entryOf(request, service);
  const watch = service.engine.watch(rule.name);
  if (watch === null) throw new EngineError('ENGINE_NOT_FOUND', 'The rule cannot run.');
  const wanted = request.req.query('key');
  const atMs = queryTime(request, 'at');
  const keys = [...watch.keys()].filter(({ text }) => wanted === undefined || text === wanted);
  if (keys.length === 0) {
    const detail =
      wanted === undefined ? 'The rule has seen no row yet.' : 'No alert of the rule has this key.';
    throw new EngineError('ENGINE_NOT_FOUND', detail);
  }
  const alerts = keys.slice(0, HISTORY_MAX).map((key) => explainAlert(watch, key, atMs));
  const filter = wanted === undefined ? {} : { key: wanted };
  const transitions = service.history({ ...filter, rule: rule.name, limit: 20 });
  return json({ alerts, transitions });
}

/** `text` in YAML, or a whole rule in JSON. */
function ruleText(body: Readonly<Record<string, unknown>>): string {
  const { text } = body;
  return typeof text === 'string' ? text : JSON.stringify(body);
}

function alertsOf({ engine }: GatewayContext): AlertService {
  if (engine.alerts !== undefined) return engine.alerts;
  throw new EngineError('ENGINE_STARTING', 'Rules are not evaluated yet.');
}

function nameOf(request: GatewayRequest): string {
  return request.req.param('rule') ?? '';
}

function entryOf(request: GatewayRequest, service: AlertService): RuleEntry {
  const name = nameOf(request);
  const entry = service.book.entry(name);
  if (entry === null) throw unknownRule(name);
  return entry;
}

function unknownRule(name: string): EngineError {
  return new EngineError('ENGINE_NOT_FOUND', `There is no rule ${JSON.stringify(name)}.`);
}

function refusal(name: string, put: Extract<Put, { ok: false }>): EngineError {
  switch (put.why) {
    case 'mistakes':
      return new EngineError('ENGINE_BAD_RULES', put.mistakes[0]?.message ?? 'it has mistakes', {
        data: { mistakes: put.mistakes },
      });
    case 'in-file':
      return new EngineError('ENGINE_IN_FILE', `${name}: ${put.detail}`);
    case 'version':
      return new EngineError('ENGINE_CONFLICT', `${name}: ${put.detail}`);
    case 'too-many':
      return new EngineError('LIMIT_RULES', put.detail);
  }
}

function etag(version: number): string {
  return `"${version}"`;
}

function authorOf(request: GatewayRequest): string {
  return request.get('grant')?.name ?? 'anonymous';
}

function historyQuery(request: GatewayRequest): Parameters<AlertService['history']>[0] {
  const limit = Number(request.req.query('limit') ?? HISTORY_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > HISTORY_MAX) {
    throw new EngineError('ENGINE_BAD_REQUEST', `\`limit\` is from 1 to ${HISTORY_MAX}.`);
  }
  const [fromMs, toMs] = [queryTime(request, 'from'), queryTime(request, 'to')];
  const [rule, key] = [request.req.query('rule'), request.req.query('key')];
  return {
    limit,
    ...(fromMs === null ? {} : { fromMs }),
    ...(toMs === null ? {} : { toMs }),
    ...(rule === undefined ? {} : { rule }),
    ...(key === undefined ? {} : { key }),
  };
}
