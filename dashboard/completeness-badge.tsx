/** Always in view: how much of the truth the newest result saw, in one word and its figures. */
import type { ComponentChildren, JSX } from 'preact';
import type { Completeness } from '../src/wire/results.ts';
import type { Connection } from './connection.ts';
import type { Drawn, Running } from './explore.ts';
import { durationText, numberText, safeText } from './format.ts';
import { lossWords, notShownText } from './loss-words.ts';
import { verdictFrom } from './verdict.ts';

export interface BadgeProps extends Drawn {
  readonly connection: Connection;
  readonly running: Running;
  readonly cost?: ComponentChildren;
}

export function CompletenessBadge({
  connection,
  running,
  revision,
  cost,
}: BadgeProps): JSX.Element {
  const { store, live } = running;
  const { completeness, progress } = store;
  const away = connection.link.value.state === 'away';
  const lagMs = progress?.lagMs ?? null;
  const verdict = verdictFrom({ completeness, away, live, lagMs });
  return (
    <section class="completeness" aria-label="Completeness">
      <div class={`verdict tone-${verdict.tone}`} role="status">
        <i class="dot" />
        <strong>{verdict.word}</strong>
        <span class="verdict-detail">{safeText(verdict.detail, 240)}</span>
      </div>
      <dl class="figures">
        {completeness !== null && <Figures completeness={completeness} />}
        <Figure name="lag" value={lagMs === null ? '–' : durationText(lagMs)} />
        {progress?.window !== undefined && (
          <Figure
            name="window filled"
            value={`${numberText(progress.window.filled)}/${numberText(progress.window.of)}`}
          />
        )}
        {[...store.drops].map(([reason, count]) => (
          <Figure
            key={reason}
            name={`not shown: ${safeText(reason, 40)}`}
            value={numberText(count)}
            tone="warn"
            title={notShownText(reason)}
          />
        ))}
      </dl>
      {cost}
      <Missing completeness={completeness} />
      {store.gaps.length > 0 && <GapNote running={running} revision={revision} />}
    </section>
  );
}

function Figures({ completeness }: { completeness: Completeness }): JSX.Element {
  const { agents, events, sampleFactor } = completeness;
  const dropped = Object.entries(events.dropped).filter(([, count]) => count > 0);
  const droppedTotal = dropped.reduce((sum, [, count]) => sum + count, 0);
  const reasons = dropped.map(([reason, count]) => {
    const detail = lossWords(reason)?.detail ?? safeText(reason, 40);
    return `${numberText(count)}: ${detail}`;
  });
  return (
    <>
      <Figure
        name="agents"
        value={`${numberText(agents.reporting)}/${numberText(agents.expected)}`}
        tone={agents.reporting < agents.expected ? 'warn' : undefined}
      />
      <Figure name="seen" value={numberText(events.seen)} />
      <Figure name="matched" value={numberText(events.matched)} />
      <Figure
        name="late"
        value={numberText(events.late)}
        tone={events.late > 0 ? 'warn' : undefined}
      />
      <Figure
        name="dropped"
        value={numberText(droppedTotal)}
        tone={droppedTotal > 0 ? 'warn' : undefined}
        title={reasons.join(' ')}
      />
      {sampleFactor !== 1 && (
        <Figure name="sampled" value={`${numberText(sampleFactor * 100)} %`} tone="warn" />
      )}
    </>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly tone?: 'warn' | undefined;
  readonly title?: string;
}

function Figure({ name, value, tone, title }: FigureProps): JSX.Element {
  return (
    <div class={tone === undefined ? 'figure' : `figure ${tone}`} title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Missing({ completeness }: { completeness: Completeness | null }): JSX.Element | null {
  const missing = completeness?.agents.missing ?? [];
  if (missing.length === 0) return null;
  return (
    <p class="completeness-note">
      Not reporting: <bdi>{missing.map((name) => safeText(name, 60)).join(', ')}</bdi>
    </p>
  );
}

function GapNote({ running }: { running: Running } & Drawn): JSX.Element {
  const { gaps } = running.store;
  const reason = safeText(gaps.at(-1)?.reason ?? '', 60);
  const count = gaps.length === 1 ? 'A gap' : `${gaps.length} gaps`;
  return (
    <p class="completeness-note" data-gap="">
      {count} in this result (latest: {reason}). Charts hatch what is missing.
    </p>
  );
}
