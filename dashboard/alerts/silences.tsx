/** Silences in force, to come and past: who, what, until when, why, and what they mute now. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SilenceView } from '../../src/alert/notify/views.ts';
import { isGood, problemSentence } from '../api-problem.ts';
import { listOf } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { dateText, durationText, safeText } from '../format.ts';
import { LIST_SHOWN_MAX, SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';
import { SilenceForm } from './silence-form.tsx';

export function Silences({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const { api } = dashboard;
  const silences = usePolled({
    api,
    path: 'silences',
    read: silencesFrom,
    everyMs: SCREEN_POLL_MS,
  });
  const adding = useSignal(false);
  const refused = useSignal<string | null>(null);
  const expire = async ({ id }: SilenceView): Promise<void> => {
    const answer = await api('DELETE', `silences/${encodeURIComponent(id)}`);
    refused.value = isGood(answer) ? null : problemSentence(answer);
    await silences.refresh();
  };
  const close = (): void => {
    adding.value = false;
    void silences.refresh();
  };
  return (
    <>
      <div class="list-tools">
        <p class="faint">A silence stops messages, never the evaluation: what fires still shows.</p>
        <button type="button" class="button" onClick={() => (adding.value = true)}>
          New silence
        </button>
      </div>
      {refused.value !== null && (
        <p class="notice bad" role="alert">
          {refused.value}
        </p>
      )}
      <ListFrame
        list={silences.value.value}
        failure={silences.failure.value}
        columns={['State', 'Matches', 'Mutes now', 'Until', 'By', 'Why', '']}
        empty={{
          title: 'No silences',
          text: 'During a deployment or a known incident, silence what would page for nothing.',
        }}
        row={(silence) => (
          <SilenceRow key={silence.id} {...{ silence, expire }} nowMs={dashboard.now()} />
        )}
      />
      {adding.value && <SilenceForm api={api} labels={{}} onClose={close} />}
    </>
  );
}

function SilenceRow({
  silence,
  nowMs,
  expire,
}: {
  silence: SilenceView;
  nowMs: number;
  expire: (silence: SilenceView) => Promise<void>;
}): JSX.Element {
  return (
    <tr class={silence.state === 'expired' ? 'past' : ''}>
      <td>
        <span class={`tag ${silence.state === 'active' ? 'calm' : 'plain'}`}>{silence.state}</span>
      </td>
      <td class="mono">
        {silence.matchers.map((matcher) => (
          <bdi key={matcher} class="line">
            {safeText(matcher)}
          </bdi>
        ))}
      </td>
      <td>{silence.mutes.length === 0 ? '–' : silence.mutes.slice(0, 4).join(', ')}</td>
      <td title={dateText(silence.endsAtMs)}>{untilText(silence, nowMs)}</td>
      <td>{safeText(silence.author, 40)}</td>
      <td>
        <bdi>{safeText(silence.comment, 200)}</bdi>
        {silence.stale !== null && <span class="tag warn">{silence.stale}</span>}
      </td>
      <td class="actions">
        {silence.state !== 'expired' && (
          <button
            type="button"
            class="button small"
            aria-label={`Expire the silence of ${silence.matchers.join(', ')}`}
            onClick={() => void expire(silence)}
          >
            Expire
          </button>
        )}
      </td>
    </tr>
  );
}

/** In force first, then those to come, then the past, newest first. */
function silencesFrom(body: unknown): readonly SilenceView[] {
  const list = listOf(body, 'silences') as readonly SilenceView[];
  const rank = { active: 0, pending: 1, expired: 2 };
  return list
    .toSorted((a, b) => rank[a.state] - rank[b.state] || b.endsAtMs - a.endsAtMs)
    .slice(0, LIST_SHOWN_MAX);
}

function untilText({ state, endsAtMs }: SilenceView, nowMs: number): string {
  return state === 'expired' ? dateText(endsAtMs) : `${durationText(endsAtMs - nowMs)} more`;
}
