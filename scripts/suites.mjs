/**
 * The test suites and how long each may take. A suite is a vitest project, or a part of one; the
 * budget is wall clock on two cores and an overrun is a failure. Suites marked `asked` run only
 * when they are named on the command line of scripts/test.mjs.
 */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} project of vitest.config.ts
 * @property {readonly string[]} folders whose tests it runs; it is skipped while they hold none
 * @property {number} budgetS seconds, wall clock
 * @property {boolean} [asked]
 */

/** Continuous integration plays many more pairs and seeds than a developer waits for. */
const WIDE = process.env.CI !== undefined;

/** In the order they are started: the longest first, so that two workers finish together. */
/** @type {readonly Suite[]} */
export const SUITES = [
  { name: 'unit', project: 'unit', folders: ['test'], budgetS: 300 },
  {
    name: 'integration',
    project: 'integration',
    folders: ['test/integration', 'test/faults'],
    budgetS: 900,
  },
  { name: 'browser', project: 'browser', folders: ['test/browser'], budgetS: 600 },
  { name: 'oracle', project: 'oracle', folders: ['test/oracle'], budgetS: WIDE ? 600 : 180 },
  {
    name: 'simulation',
    project: 'simulation',
    folders: ['test/simulation'],
    budgetS: WIDE ? 600 : 180,
  },
  { name: 'real', project: 'real', folders: ['test/real'], budgetS: 300 },
  { name: 'laws', project: 'unit', folders: ['test/laws'], budgetS: 120, asked: true },
  {
    name: 'wire',
    project: 'unit',
    folders: ['test/unit/wire', 'test/unit/edge', 'test/unit/gateway', 'test/unit/agents'],
    budgetS: 120,
    asked: true,
  },
  { name: 'store', project: 'unit', folders: ['test/unit/store'], budgetS: 60, asked: true },
];

/** Folders of a project's files, for those suites whose folder holds other suites' tests too. */
export const UNIT_FOLDERS = ['test/unit', 'test/laws'];

/** Workers in all, each a suite with one test process: the reference machine has two cores. */
export const WORKERS_MAX = 2;
