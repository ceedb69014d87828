/** Receivers of an Alertmanager configuration as ours. */
import { isIP } from 'node:net';
import { isPrivateAddress } from '../../outbound/private-address.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface ConvertedReceiver {
  readonly name: string;
  readonly fields: Fields;
  /** `send_resolved`, with the default of its kind. */
  readonly tellsEnd: boolean;
}

export interface ReceiverSource {
  readonly global: Fields;
  /** What a person has to see to. */
  readonly note: (text: string) => void;
}

type Convert = (name: string, config: Fields, source: ReceiverSource) => Fields | null;

const KINDS: ReadonlyMap<string, { readonly convert: Convert; readonly tellsEnd: boolean }> =
  new Map([
    ['pagerduty_configs', { convert: pagerDuty, tellsEnd: true }],
    ['slack_configs', { convert: slack, tellsEnd: false }],
    ['webhook_configs', { convert: webhook, tellsEnd: true }],
    ['email_configs', { convert: email, tellsEnd: false }],
  ]);

/** One for each of its configs, the second and later ones as `name-2` …; at least one. */
export function convertReceiver(receiver: Fields, source: ReceiverSource): ConvertedReceiver[] {
  const name = textOf(receiver['name']) ?? '';
  const made: ConvertedReceiver[] = [];
  for (const [kind, list] of Object.entries(receiver)) {
    if (!kind.endsWith('_configs')) continue;
    for (const config of listOf(list)) {
      const own = made.length === 0 ? name : `${name}-${made.length + 1}`;
      const known = KINDS.get(kind);
      const fields = known?.convert(own, config, source) ?? null;
      if (fields === null) {
        if (known === undefined) source.note(`${name}: there is nothing like ${kind} yet`);
        continue;
      }
      const tellsEnd = config['send_resolved'] ?? known?.tellsEnd;
      if (tellsEnd === false && config['send_resolved'] === undefined) {
        source.note(`${own}: its all-clear is left out, as there; \`allClear: at-once\` tells it`);
      }
      made.push({ name: own, fields, tellsEnd: tellsEnd === true });
    }
  }
  if (made.length > 0) return made;
  source.note(`${name}: nobody hears of it there; here it is the log`);
  return [{ name, fields: { type: 'log' }, tellsEnd: true }];
}

function pagerDuty(name: string, config: Fields, source: ReceiverSource): Fields {
  if (config['service_key'] !== undefined || config['service_key_file'] !== undefined) {
    source.note(`${name}: its key is of the Events API v1; make an integration of v2`);
  }
  const url = textOf(config['url'] ?? source.global['pagerduty_url']);
  const key = secret(name, 'routingKey', { config, from: 'routing_key', source });
  return { type: 'pagerduty', ...key, ...(url !== null && { url }) };
}

function slack(name: string, config: Fields, source: ReceiverSource): Fields {
  const isOwn = config['api_url'] !== undefined || config['api_url_file'] !== undefined;
  const url = isOwn
    ? { config, from: 'api_url', source }
    : { config: source.global, from: 'slack_api_url', source };
  if (config['channel'] !== undefined) {
    source.note(
      `${name}: an incoming webhook has one channel; for another use a bot's \`tokenFile\``,
    );
  }
  return { type: 'slack', ...secret(name, 'webhookUrl', url) };
}

function webhook(name: string, config: Fields, { note }: ReceiverSource): Fields | null {
  const url = textOf(config['url']);
  if (url === null || !URL.canParse(url)) {
    note(`${name}: write its address into \`url\`; \`url_file\` is not read`);
    return null;
  }
  if (config['http_config'] !== undefined) {
    note(`${name}: of its http_config only a bearer token has a place, in \`tokenFile\``);
  }
  const isInside = isInternal(new URL(url).hostname);
  return { type: 'alertmanager-webhook', url, ...(isInside && { allowPrivate: true }) };
}

function email(name: string, config: Fields, source: ReceiverSource): Fields {
  const { global } = source;
  const of = (key: string): string | null => textOf(config[key] ?? global[`smtp_${key}`]);
  const [, host = '', port = '25'] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(of('smarthost') ?? '') ?? [];
  const needsTls = config['require_tls'] ?? global['smtp_require_tls'] ?? true;
  const user = of('auth_username');
  const own = config['auth_password'] ?? config['auth_password_file'];
  const login =
    own === undefined
      ? { config: global, from: 'smtp_auth_password' }
      : { config, from: 'auth_password' };
  return {
    type: 'email',
    host,
    port: Number(port),
    from: of('from') ?? '',
    to: (textOf(config['to']) ?? '').split(',').map((address) => address.trim()),
    tls: port === '465' ? 'implicit' : needsTls === false ? 'none' : 'starttls',
    ...(user !== null && { user, ...secret(name, 'password', { ...login, source }) }),
  };
}

/** Secrets stay in files, and go into the environment where they stood in the text. */
function secret(
  name: string,
  member: string,
  { config, from, source }: { config: Fields; from: string; source: ReceiverSource },
): Fields {
  const file = textOf(config[`${from}_file`]);
  if (file !== null) return { [`${member}File`]: file };
  const shouted = `${name}_${member}`.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  const variable = `SQUILLA_${shouted.replaceAll(/\W+/g, '_').toUpperCase()}`;
  source.note(`${name}: put its ${from} into the environment variable ${variable}, or into a file`);
  return { [`${member}Env`]: variable };
}

/** Where Alertmanager posts as to any other address, and we only if that is said. */
function isInternal(host: string): boolean {
  const bare = host.replaceAll(/[[\]]/g, '');
  if (isIP(bare) !== 0) return isPrivateAddress(bare);
  return !bare.includes('.') || /\.(?:local|internal|localhost|svc|lan)$/.test(bare);
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** Maps of a list; whatever else stands there is left out. */
export function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
