/**
 * `npm run bench -- NAME… [--quick] [--results DIR]`: runs benches one after the other, prints a
 * table of each and writes `NAME.json` into `bench/results` or the folder that is named. `--list`
 * names them; `--smoke` shows in under a minute that benches still run, and writes nothing.
 */
import { parseArgs } from 'node:util';
import { BENCHES, SMOKE } from './catalogue.ts';
import { resultOf, tableOf, writeResult } from './harness/bench-result.ts';
import type { BenchCase, BenchContext } from './harness/bench-result.ts';

const USAGE = 'npm run bench -- NAME… [--quick] [--results DIR] | --list | --smoke';

const OPTIONS = {
  list: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  results: { type: 'string', default: 'bench/results' },
  smoke: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  const parsed = parsedArgs();
  if (parsed === null) return usage();
  const { positionals: names, values } = parsed;
  const { list, quick, results, smoke: isSmoke } = values;
  if (list) {
    for (const { name, what } of BENCHES) print(`${name.padEnd(10)} ${what}`);
    return 0;
  }
  if (isSmoke) return smoke();
  const chosen = BENCHES.filter(({ name }) => names.includes(name));
  if (chosen.length === 0 || chosen.length < names.length) return usage();
  let missed = 0;
  for (const { name, run } of chosen) {
    const cases = await run({ quick, say: print });
    const result = resultOf(name, quick, cases);
    writeResult(result, results);
    print(tableOf(result));
    missed += missedOf(cases);
  }
  return missed === 0 ? 0 : 1;
}

/** Null: there is an option that does not exist. */
function parsedArgs() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}

function usage(): number {
  print(`${USAGE}\nNAME: ${BENCHES.map(({ name }) => name).join(', ')}`);
  return 2;
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

process.exitCode = await main();
