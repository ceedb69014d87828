/**
 * Who may talk to this engine through a browser. `Host` must name this engine, which stops DNS
 * rebinding: a page of evil.example whose name now points here still says `Host: evil.example`. A
 * foreign `Origin` or `Sec-Fetch-Site` is refused, which stops requests forged by other pages. Both
 * are looked at on every request and every upgrade, on both ports; programs send neither header.
 */
import { isIP } from 'node:net';
import type { ErrorCode } from '../core/errors.ts';

export interface HostPolicy {
  /** Lower-case names without port. */
  readonly hosts: ReadonlySet<string>;
  /** Bound to every address: any IP literal names this engine (a literal cannot be rebound). */
  readonly anyAddress: boolean;
  /** `scheme://host[:port]`, besides the engine's own. */
  readonly origins: ReadonlySet<string>;
}

export interface HostPolicyOptions {
  /** The address that the port is bound to. */
  readonly bindHost: string;
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
}

export function createHostPolicy(options: HostPolicyOptions): HostPolicy {
  const bindHost = bareAddress(options.bindHost);
  const anyAddress = bindHost === '0.0.0.0' || bindHost === '::' || bindHost === '';
  const own = anyAddress ? [] : [bindHost];
  return {
    hosts: new Set([...own, ...(options.allowedHosts ?? [])].map((host) => bareAddress(host))),
    anyAddress,
    origins: new Set((options.allowedOrigins ?? []).map((origin) => origin.toLowerCase())),
  };
}

/** The headers that the check reads; a missing one is an empty string. */
export interface RequestOrigin {
  readonly host: string;
  readonly origin: string;
  readonly fetchSite: string;
  readonly fetchMode: string;
  /** Whether this only reads a page of the dashboard, which a link elsewhere may open. */
  readonly isPage: boolean;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** Null: welcome. */
export function checkOrigin(policy: HostPolicy, request: RequestOrigin): Refusal | null {
  const host = hostName(request.host);
  if (host === null || !isAllowedHost(policy, host)) {
    return { code: 'ENGINE_BAD_HOST', detail: `Host ${quoted(request.host)} is not this engine.` };
  }
  const { origin, fetchSite } = request;
  if (origin !== '') {
    if (isOwnOrigin(policy, request.host, origin)) return null;
    return { code: 'ENGINE_BAD_ORIGIN', detail: `Origin ${quoted(origin)} is foreign.` };
  }
  if (fetchSite === '' || fetchSite === 'same-origin' || fetchSite === 'none') return null;
  if (request.isPage && request.fetchMode === 'navigate') return null;
  return { code: 'ENGINE_BAD_ORIGIN', detail: `A ${quoted(fetchSite)} request is foreign.` };
}

/** `localhost`, names below it, 127.0.0.0/8 and ::1. */
export function isLoopbackHost(host: string): boolean {
  const name = bareAddress(host);
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

/** The name in a `Host` header, lower-case, without port and brackets; null: malformed. */
export function hostName(header: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header);
  const name = match?.[1];
  return name === undefined ? null : bareAddress(name);
}

function isAllowedHost(policy: HostPolicy, host: string): boolean {
  if (isLoopbackHost(host) || policy.hosts.has(host)) return true;
  return policy.anyAddress && isIP(host) !== 0;
}

/** Schemes are not compared: behind a proxy that ends TLS the browser says https and we do not. */
function isOwnOrigin(policy: HostPolicy, host: string, origin: string): boolean {
  if (policy.origins.has(origin.toLowerCase())) return true;
  const match = /^https?:\/\/([^/?#@]+)$/i.exec(origin);
  return match?.[1]?.toLowerCase() === host.toLowerCase();
}

function bareAddress(host: string): string {
  const lower = host.toLowerCase();
  const bare = lower.startsWith('[') && lower.endsWith(']') ? lower.slice(1, -1) : lower;
  return bare.endsWith('.') ? bare.slice(0, -1) : bare;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
