/** What a receiver was told, word for word. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { OutboxJob } from '../../src/alert/notify/outbox-job.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import type { Api } from '../browser-host.ts';
import { listOf, recordFrom } from '../catalogue.ts';
import { dateText, safeLines, safeText } from '../format.ts';
import { Modal } from '../modal.tsx';

export interface PageViewProps {
  readonly api: Api;
  readonly job: OutboxJob;
  readonly onClose: () => void;
}

const LINES_MAX = 300;
/** Notifications of one incident to one receiver that are looked through. */
const LOOKED_MAX = 200;

export function PageView({ api, job, onClose }: PageViewProps): JSX.Element {
  const text = useSignal<string | null>(null);
  useEffect(() => void pageOf(api, job).then((page) => (text.value = page)), [job.id]);
  return (
    <Modal label="Page" onClose={onClose}>
      <header class="modal-head">
        <h2>
          To <bdi>{safeText(job.notification.receiver, 60)}</bdi> at {dateText(job.createdMs)}
        </h2>
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </header>
      <pre class="event-json mono" tabIndex={0} aria-busy={text.value === null}>
        {safeLines(text.value ?? 'Asking the engine…', LINES_MAX)}
      </pre>
    </Modal>
  );
}

async function pageOf(api: Api, { id, notification }: OutboxJob): Promise<string> {
  const { incident, receiver } = notification;
  const wanted = { incident, receiver, limit: String(LOOKED_MAX), text: 'true' };
  const answer = await api('GET', `notifications?${new URLSearchParams(wanted).toString()}`);
  if (!isGood(answer)) return problemSentence(answer);
  const found = listOf(answer.body, 'notifications').find((job) => recordFrom(job)['id'] === id);
  const page = recordFrom(found)['text'];
  return typeof page === 'string' ? page : 'It is no longer in the log.';
}
