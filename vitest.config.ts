/**
 * One vitest project per suite; `scripts/test.mjs` runs them side by side under wall-clock budgets.
 * Suites that only compute share one process per worker (the grammar is analysed once, not once a
 * file); suites that open sockets or start processes get a fresh process per file.
 */
import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';

interface Suite {
  readonly name: string;
  readonly include: string[];
  readonly isolate: boolean;
  /** Of one test; the budget of the whole suite is in scripts/suites.mjs. */
  readonly testTimeout: number;
}

function suite({ name, include, isolate, testTimeout }: Suite): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include,
      isolate,
      pool: 'forks',
      environment: 'node',
      testTimeout,
      hookTimeout: testTimeout,
      // A condition that is polled may come late on a busy machine; vitest would wait for a second.
      expect: { requireAssertions: false, poll: { timeout: testTimeout / 2 } },
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      suite({
        name: 'unit',
        include: ['test/unit/**/*.test.ts', 'test/laws/**/*.test.ts', 'test/*.test.ts'],
        isolate: false,
        testTimeout: 15_000,
      }),
      suite({
        name: 'oracle',
        include: ['test/oracle/**/*.test.ts'],
        isolate: false,
        testTimeout: 80_000,
      }),
      suite({
        name: 'simulation',
        include: ['test/simulation/**/*.test.ts'],
        isolate: false,
        testTimeout: 80_000,
      }),
      suite({
        name: 'integration',
        include: ['test/integration/**/*.test.ts', 'test/faults/**/*.test.ts'],
        isolate: true,
        testTimeout: 30_000,
      }),
      suite({
        name: 'browser',
        include: ['test/browser/**/*.test.ts'],
        isolate: true,
        testTimeout: 60_000,
      }),
      suite({
        name: 'real',
        include: ['test/real/**/*.test.ts'],
        isolate: true,
        testTimeout: 60_000,
      }),
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'grammar/**/*.ts', 'agents/**/*.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
});
