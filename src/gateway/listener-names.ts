/** Listeners besides the two ports, for what others send: off unless asked for. */
export type ListenerName = 'otlp' | 'statsd' | 'syslog';

/** Where senders look for them. */
export const LISTENER_PORTS: Readonly<Record<ListenerName, number>> = {
  otlp: 4318,
  statsd: 8125,
  syslog: 5514,
};

export const LISTENER_NAMES: readonly ListenerName[] = Object.keys(
  LISTENER_PORTS,
) as ListenerName[];

export interface ListenerOption {
  /** 0: any free one. */
  readonly port: number;
  /** The engine does without if the port is taken. */
  readonly isOptional: boolean;
}

export type ListenerOptions = Partial<Readonly<Record<ListenerName, ListenerOption>>>;

/** The ports of those that are open. */
export type ListenerPorts = Partial<Readonly<Record<ListenerName, number>>>;

export function isListenerName(name: string): name is ListenerName {
  return Object.hasOwn(LISTENER_PORTS, name);
}

export const PORT_MAX = 65_535;

/** `otlp`, or `otlp=4319`; a text says what is wrong. */
export function listenerFrom(
  text: string,
): { readonly name: ListenerName; readonly port: number } | string {
  const [name = '', said] = text.split('=', 2);
  if (!isListenerName(name)) return `there are ${LISTENER_NAMES.join(', ')}, not ${name}`;
  if (said === undefined) return { name, port: LISTENER_PORTS[name] };
  const port = /^\d{1,5}$/.test(said) ? Number(said) : PORT_MAX + 1;
  return port <= PORT_MAX ? { name, port } : `${said} is no port`;
}
