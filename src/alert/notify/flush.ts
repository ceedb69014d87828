/** What a group has to say, given how its alerts stand. Pure: it changes nothing. */
import { isFiringAlert } from './notified-alert.ts';
import type { NotifiedAlert } from './notified-alert.ts';
import { isMuted } from './notifier-messages.ts';
import type { HeldAlert } from './notifier-messages.ts';
import type { Group } from './group.ts';
import type { NotificationReason } from './notification.ts';

export interface Flush {
  /** Null: nothing is to be told. */
  readonly reason: NotificationReason | null;
  /** Members that fire and are not muted. */
  readonly firing: readonly NotifiedAlert[];
  /** Members that ended and whose end is to be told. */
  readonly ended: readonly NotifiedAlert[];
  /** Members that leave, told or not. */
  readonly leaving: readonly string[];
}

export function planFlush(group: Group, held: ReadonlyMap<string, HeldAlert>): Flush {
  const told = new Set(group.told);
  const firing: NotifiedAlert[] = [];
  const ended: NotifiedAlert[] = [];
  const leaving: string[] = [];
  let isNews = false;
  for (const episode of group.members) {
    const member = held.get(episode);
    const muted = member === undefined || isMuted(member.muted);
    if (member === undefined || !isFiringAlert(member.alert)) leaving.push(episode);
    if (member === undefined) continue;
    if (isFiringAlert(member.alert)) {
      if (muted) continue;
      firing.push(member.alert);
      isNews ||= !told.has(episode);
    } else if (told.has(episode)) {
      // The all-clear of what was paged is told under a silence, too, or it would stay open
      // forever.
      ended.push(member.alert);
    } else if (!muted) {
      // It came and went between two flushes: every episode is told at least once.
      ended.push(member.alert);
      isNews = true;
    }
  }
  return { reason: reasonOf(group, { isNews, firing, ended }), firing, ended, leaving };
}

function reasonOf(
  group: Group,
  { isNews, firing, ended }: { isNews: boolean } & Pick<Flush, 'firing' | 'ended'>,
): NotificationReason | null {
  if (isNews) {
    if (group.unmuted) return 'unmuted';
    return group.incident === null ? 'new' : 'changed';
  }
  if (ended.length === 0) return null;
  return firing.length > 0 || stays(group, ended) ? 'changed' : 'resolved';
}

/** A told member that is muted now still lasts, so the incident is not over. */
function stays(group: Group, ended: readonly NotifiedAlert[]): boolean {
  return group.told.length > ended.length;
}
