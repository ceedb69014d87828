/**
 * Tells `scripts/test.mjs` how a suite stands, over the IPC channel it opened: counts, skipped
 * tests by name, and the tests under way, so that a suite stopped at its budget can name them. A
 * file that cannot be loaded and an error outside of any test count as one failure each.
 */
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Between two messages while tests run; the last message always goes out. */
const REPORT_EVERY_MS = 250;

interface SuiteReport {
  passed: number;
  failed: number;
  skipped: string[];
  unfinished: string[];
}

// oxlint-disable-next-line import/no-default-export -- vitest loads it by that.
export default class SuiteReporter implements Reporter {
  readonly #report: SuiteReport = { passed: 0, failed: 0, skipped: [], unfinished: [] };
  readonly #underWay = new Set<string>();
  #sentMs = 0;

  onTestCaseReady(test: TestCase): void {
    this.#underWay.add(nameOf(test));
    this.#tell();
  }

  onTestCaseResult(test: TestCase): void {
    const name = nameOf(test);
    this.#underWay.delete(name);
    const { state } = test.result();
    if (state === 'passed') this.#report.passed += 1;
    else if (state === 'failed') this.#report.failed += 1;
    else this.#report.skipped.push(name);
    this.#tell();
  }

  onTestModuleEnd(module: TestModule): void {
    this.#report.failed += module.errors().length;
    this.#tell();
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    this.#report.failed += unhandled.length;
    this.#send();
  }

  #tell(): void {
    if (performance.now() - this.#sentMs >= REPORT_EVERY_MS) this.#send();
  }

  #send(): void {
    this.#sentMs = performance.now();
    this.#report.unfinished = [...this.#underWay];
    process.send?.(this.#report);
  }
}

function nameOf(test: TestCase): string {
  return `${relative(process.cwd(), test.module.moduleId)} › ${test.fullName}`;
}
