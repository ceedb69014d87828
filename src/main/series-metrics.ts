/** The numbers of kept series: in the engine's counters, and in `/status`. */
import type { SeriesKeeper } from '../coordinator/series-keeper.ts';
import { slotOf } from '../telemetry/counters.ts';
import type { CounterBlock } from '../telemetry/counters.ts';
import type { StandingQueries } from '../coordinator/standing-queries.ts';

interface KeptParts {
  readonly series?: SeriesKeeper;
  readonly standing?: StandingQueries;
}

export function copySeriesTotals({ series, standing }: KeptParts, block: CounterBlock): void {
  if (series === undefined) return;
  const stuck = standing?.list().filter(({ problem }) => problem !== null) ?? [];
  block.set(slotOf('squilla_kept_queries'), series.queries.length);
  block.set(slotOf('squilla_kept_series'), series.lines);
  block.set(slotOf('squilla_refused_series_values_total'), series.refused);
  block.set(slotOf('squilla_series_write_failures_total'), series.failures);
  block.set(slotOf('squilla_stuck_standing_queries'), stuck.length);
}

export function seriesStatus(series: SeriesKeeper): object {
  const { failures, lines, problem, queries, refused } = series;
  return {
    queries: queries.length,
    lines,
    refused,
    writeFailures: failures,
    problem: problem === null ? null : `${problem.code}: ${problem.detail}`,
  };
}
