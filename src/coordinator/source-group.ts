/**
 * The streams that queries with the same FROM read, and where they stand in time. Pipelines with
 * equal sources share one group, so that a watermark is worked out once for all of them.
 *
 * A stream's watermark is the minimum over its live agents (clocks move it, never event times); a
 * stream fed through the engine's own listeners stands at the engine's clock less its slack.
 */
import type { Config } from '../config.ts';
import { globMatches } from '../ir/glob.ts';
import type { SourcePattern } from '../ir/plan.ts';
import { isViewStream } from '../ir/view-stream.ts';
import type { CrashSpan, Roster, RosterAgent } from './roster.ts';
import type { StreamCatalogue } from './stream-catalogue.ts';
import type { ViewFeed } from './view-feed.ts';

export interface Standing {
  /** −Infinity while nobody live offers any of the streams, or one who does has not reported. */
  readonly watermarkMs: number;
  /** How far behind the clock the slowest of the streams may run. */
  readonly slackMs: number;
  readonly liveAgents: number;
  /** Some agent or listener has ever offered one of the streams. */
  readonly offered: boolean;
  /** Agents that should report: live, or lost without bye not long ago. */
  readonly expected: readonly RosterAgent[];
  readonly ingested: boolean;
  /** Processes that died without bye and were replaced. */
  readonly crashes: readonly CrashSpan[];
}

export class SourceGroup {
  readonly patterns: readonly SourcePattern[];
  /** The views among the sources. */
  readonly views: readonly ViewFeed[];
  /** Names of the known streams that match; refreshed when new ones appear. */
  streams: readonly string[] = [];
  readonly #config: Config;
  readonly #roster: Roster;
  readonly #catalogue: StreamCatalogue;
  #standing: Standing | null = null;
  #standingAtMs = -1;

  constructor(
    patterns: readonly SourcePattern[],
    parts: {
      readonly config: Config;
      readonly roster: Roster;
      readonly catalogue: StreamCatalogue;
      readonly views?: readonly ViewFeed[];
    },
  ) {
    this.views = parts.views ?? [];
    this.patterns = patterns;
    this.#config = parts.config;
    this.#roster = parts.roster;
    this.#catalogue = parts.catalogue;
    this.refresh();
  }

  refresh(): void {
    const names = new Set<string>();
    for (const pattern of this.patterns) {
      for (const name of this.#catalogue.matching(pattern)) names.add(name);
    }
    this.streams = [...names].sort();
    this.#standing = null;
  }

  /** How far ahead of the clock events may be: only those that carry their own time are. */
  get aheadMs(): number {
    const carriesTime = this.streams.some((name) => {
      const stream = this.#catalogue.get(name);
      return stream !== undefined && (stream.ingested || stream.time.kind === 'field');
    });
    return carriesTime ? this.#config.futureMsMax : 0;
  }

  /**
   * Events lost so far on the way to these queries, by reason, as agents and shards last said: a
   * page a stream, each of which only grows.
   */
  losses(): ReadonlySet<ReadonlyMap<string, number>> {
    return new Set(this.streams.map((name) => this.#roster.losses(name)));
  }

  /** Windows that end at or before this are due: all agents have passed, or were waited for. */
  reachedMs(nowMs: number): number {
    const { watermarkMs, slackMs } = this.standing(nowMs);
    return Math.max(watermarkMs, nowMs - slackMs - this.#config.closeWaitMs);
  }

  /** Where the streams stand at `nowMs`; worked out at most once per `nowMs` unless `fresh`. */
  standing(nowMs: number, fresh = false): Standing {
    if (!fresh && this.#standing !== null && this.#standingAtMs === nowMs) return this.#standing;
    this.#standingAtMs = nowMs;
    this.#standing = this.#workOut(nowMs);
    return this.#standing;
  }

  /** Those of some patterns of the group that nobody live feeds; views speak for themselves. */
  unfed(patterns: readonly SourcePattern[], nowMs: number): readonly string[] {
    return patterns
      .filter((pattern) => !isViewStream(pattern.pattern))
      .filter((pattern) => {
        const own = this.streams.filter((name) => globMatches(pattern, name));
        return !own.some((name) => this.#isFed(name, nowMs));
      })
      .map(({ pattern }) => pattern);
  }

  #isFed(name: string, nowMs: number): boolean {
    if (this.#catalogue.get(name)?.ingested === true) return true;
    for (const agent of this.#roster.ofStream(name)) {
      if (this.#roster.state(agent, nowMs) === 'live') return true;
    }
    return false;
  }

  #workOut(nowMs: number): Standing {
    let watermarkMs = Infinity;
    let slackMs = 0;
    let liveAgents = 0;
    let offered = false;
    let ingested = false;
    const expected = new Set<RosterAgent>();
    const crashes: CrashSpan[] = [];
    for (const name of this.streams) {
      const stream = this.#catalogue.get(name);
      if (stream === undefined) continue;
      slackMs = Math.max(slackMs, stream.time.slackMs);
      if (stream.ingested) {
        watermarkMs = Math.min(watermarkMs, nowMs - stream.time.slackMs);
        ingested = true;
      }
      offered = true;
      crashes.push(...this.#roster.crashes(name));
      for (const agent of this.#roster.ofStream(name)) {
        if (!this.#roster.isExpected(agent, nowMs)) continue;
        expected.add(agent);
        // The catalogue has the offer that came last; windows wait for the most patient.
        slackMs = Math.max(slackMs, agent.streams.get(name)?.offer.time.slackMs ?? 0);
        if (this.#roster.state(agent, nowMs) !== 'live') continue;
        liveAgents++;
        watermarkMs = Math.min(watermarkMs, agent.streams.get(name)?.watermarkMs ?? Infinity);
      }
    }
    for (const view of this.views) {
      offered = true;
      ingested = true;
      slackMs = Math.max(slackMs, view.slackMs(nowMs));
      watermarkMs = Math.min(watermarkMs, view.watermarkMs);
    }
    return {
      watermarkMs: watermarkMs === Infinity ? -Infinity : watermarkMs,
      slackMs: offered ? slackMs : this.#config.publishSlackMs,
      liveAgents,
      offered,
      expected: [...expected],
      ingested,
      crashes,
    };
  }
}

/** Equal keys read equal streams. */
export function sourceKey(patterns: readonly SourcePattern[]): string {
  return JSON.stringify(
    patterns.map((p) => (p.glob ? `*${p.pattern}` : `=${p.pattern}`)).sort(byText),
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
