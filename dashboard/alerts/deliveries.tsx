/** What was sent to whom, what waits, what failed and why. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { OutboxJob } from '../../src/alert/notify/outbox-job.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { countText, dateText, durationText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { PageView } from './page-view.tsx';

const TONES: Readonly<Record<string, string>> = {
  waiting: 'plain',
  sent: 'good',
  failed: 'bad',
  dropped: 'bad',
};

export function Deliveries({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api } = dashboard;
  const jobs = usePolled({
    api,
    path: `notifications?limit=${LIST_SHOWN_MAX}`,
    read: (body) => listOf(body, 'notifications') as readonly OutboxJob[],
    everyMs: SCREEN_POLL_MS,
  });
  const routes = usePolled({
    api,
    path: 'routes',
    read: (body) => recordFrom(body)['route'] !== null,
    everyMs: SCREEN_POLL_MS * 10,
  });
  const opened = useSignal<OutboxJob | null>(null);
  return (
    <>
      <ListFrame
        list={jobs.value.value}
        failure={jobs.failure.value}
        columns={['When', 'Receiver', 'What', 'State', '#Tries', '#Took', 'The receiver said']}
        empty={
          routes.value.value === false
            ? {
                title: 'Nobody is told',
                text: 'No receivers are configured. Start the engine with receivers and a route, see docs/notifications.md.',
              }
            : { title: 'Nothing was sent yet', text: 'The next alert that fires shows here.' }
        }
        row={(job) => (
          <tr key={job.id}>
            <td class="nowrap">{dateText(job.createdMs)}</td>
            <td>{safeText(job.notification.receiver, 60)}</td>
            <td class="cut">
              <button
                type="button"
                class="link"
                title="Show what was said"
                onClick={() => (opened.value = job)}
              >
                <bdi>{safeText(subjectOf(job), 120)}</bdi>
              </button>
            </td>
            <td>
              <span class={`tag ${TONES[job.state] ?? 'plain'}`}>{job.state}</span>
            </td>
            <td class="number">{job.attempts}</td>
            <td class="number">
              {job.settledMs === null ? '–' : durationText(job.settledMs - job.createdMs)}
            </td>
            <td class="cut" title={safeText(job.note, 400)}>
              <bdi>{safeText(job.note, 200)}</bdi>
            </td>
          </tr>
        )}
      />
      {opened.value !== null && (
        <PageView {...{ api }} job={opened.value} onClose={() => (opened.value = null)} />
      )}
    </>
  );
}

/** Why it was sent, and about what. */
function subjectOf({ notification }: OutboxJob): string {
  const { reason, group, alerts, truncated } = notification;
  const labels = Object.entries(group.labels).map(([name, value]) => `${name} ${value}`);
  const about = labels.length === 0 ? '' : `: ${labels.join(' · ')}`;
  return `${reason}${about} (${countText(alerts.length + truncated, 'alert')})`;
}
