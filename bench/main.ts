/**
 * `npm run bench -- NAME… [--quick] [--list] [--smoke]`: runs benches one after the other, prints a
 * table of each and writes `bench/results/NAME.json`. `--smoke` shows in under a minute that
 * benches still run, and writes nothing.
 */
import { BENCHES, SMOKE } from './catalogue.ts';
import { resultOf, tableOf, writeResult } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';

const USAGE = 'npm run bench -- NAME… [--quick] | --list | --smoke';

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--list')) {
    for (const { name, what } of BENCHES) print(`${name.padEnd(10)} ${what}`);
    return 0;
  }
  if (args.includes('--smoke')) return smoke();
  const quick = args.includes('--quick');
  const names = args.filter((arg) => !arg.startsWith('--'));
  const chosen = BENCHES.filter(({ name }) => names.includes(name));
  if (chosen.length === 0 || chosen.length < names.length) {
    print(`${USAGE}\nNAME: ${BENCHES.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  let missed = 0;
  for (const { name, run } of chosen) {
    const cases = await run({ quick, say: print });
    const result = resultOf(name, quick, cases);
    writeResult(result);
    print(tableOf(result));
    missed += missedOf(cases);
  }
  return missed === 0 ? 0 : 1;
}

/** Figures of so short a run hold nothing; wrong results do. */
async function smoke(): Promise<number> {
  const context: BenchContext = { quick: true, say: print };
  let wrong = 0;
  for (const { name, run } of SMOKE) {
    const cases = await run(context);
    print(tableOf(resultOf(name, true, cases)));
    wrong += missedOf(cases.filter(({ case: what }) => what === 'results'));
  }
  return wrong === 0 ? 0 : 1;
}

function missedOf(cases: readonly BenchCase[]): number {
  return cases.filter(({ ok }) => ok === false).length;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
