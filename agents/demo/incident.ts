/** What can go wrong in the demo's world, and the commands that make it. */
import { err, ok } from '../../src/core/result.ts';
import type { Result } from '../../src/core/result.ts';

/**
 * `outage`: nearly nobody gets through · `tv-outage`: nearly no television does, all others do ·
 * `slow`: everything takes eight times as long · `errors`: every fourth request fails ·
 * `agents-die`: the region's agents vanish without a bye.
 */
export type IncidentKind = 'outage' | 'tv-outage' | 'slow' | 'errors' | 'agents-die';

export const INCIDENT_KINDS: readonly IncidentKind[] = [
  'outage',
  'tv-outage',
  'slow',
  'errors',
  'agents-die',
];

export const REGIONS: readonly string[] = ['us-east', 'us-west', 'eu-west', 'ap-south'];

export type DemoCommand =
  | { readonly type: 'break'; readonly region: string; readonly kind: IncidentKind }
  /** Null: everywhere. */
  | { readonly type: 'heal'; readonly region: string | null }
  | { readonly type: 'status' };

/** The error is a sentence for whoever sent the command. */
export function readCommand(command: unknown): Result<DemoCommand, string> {
  if (typeof command !== 'object' || command === null) return err('a command is an object');
  const { type, region, kind } = command as Readonly<Record<string, unknown>>;
  if (type === 'status') return ok({ type });
  if (type === 'heal') {
    if (region === undefined || region === null) return ok({ type, region: null });
    return isRegion(region) ? ok({ type, region }) : err(expected('region', REGIONS));
  }
  if (type !== 'break') return err(expected('type', ['break', 'heal', 'status']));
  if (!isRegion(region)) return err(expected('region', REGIONS));
  const known = INCIDENT_KINDS.find((candidate) => candidate === kind);
  if (known === undefined) return err(expected('kind', INCIDENT_KINDS));
  return ok({ type, region, kind: known });
}

function isRegion(region: unknown): region is string {
  return typeof region === 'string' && REGIONS.includes(region);
}

function expected(member: string, words: readonly string[]): string {
  return `${member}: one of ${words.join(', ')} expected`;
}
