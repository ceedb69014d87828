/** Why nobody hears of an alert, in a word or two each. Pure. */
import type { AlertView } from '../../src/alert/alert-views.ts';

export function isMuted({ muted }: Pick<AlertView, 'muted'>): boolean {
  return muted.silences.length + muted.maintenance.length + muted.inhibitions.length > 0;
}

export function mutedWords({ muted }: Pick<AlertView, 'muted'>): readonly string[] {
  return [
    ...(muted.silences.length > 0 ? ['silenced'] : []),
    ...muted.maintenance.map((name) => `maintenance ${name}`),
    ...(muted.inhibitions.length > 0 ? ['a worse alert tells it'] : []),
  ];
}
