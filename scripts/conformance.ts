/**
 * `npm run conformance`: how this engine's answers compare with the recorded ones of Mantis. Prints
 * the counts, every deliberate difference with `--all`, and fails on an unexplained one.
 */
import { judge, readCases, readLists } from '../test/support/mantis-conformance.ts';
import type { Outcome, Verdict } from '../test/support/mantis-conformance.ts';

const VERDICTS: readonly Verdict[] = ['equal', 'deliberate', 'unsupported', 'unexplained'];

const lists = readLists();
const outcomes: Outcome[] = [];
for (const item of readCases()) outcomes.push(await judge(item, lists));

const showAll = process.argv.includes('--all');
for (const outcome of outcomes) {
  const { id, query, detail, verdict } = outcome;
  if (verdict === 'unexplained') process.stdout.write(`${id}: ${query}\n  ${detail}\n`);
  else if (showAll && verdict === 'deliberate') {
    const known = lists.deliberate[id];
    process.stdout.write(`${id}: ${known?.difference}: ${known?.reason}\n`);
  }
}
const kinds = [...new Set(outcomes.map((outcome) => outcome.kind)), 'all'];
process.stdout.write(`${['kind'.padEnd(14), ...VERDICTS.map((v) => v.padStart(13))].join('')}\n`);
for (const kind of kinds) {
  const counts = VERDICTS.map(
    (verdict) =>
      outcomes.filter((o) => o.verdict === verdict && (kind === 'all' || o.kind === kind)).length,
  );
  const cells = counts.map((count) => String(count).padStart(13));
  process.stdout.write(`${[kind.padEnd(14), ...cells].join('')}\n`);
}
process.exitCode = outcomes.some((outcome) => outcome.verdict === 'unexplained') ? 1 : 0;
