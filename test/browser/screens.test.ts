/** Alerts, Fleet and the shell on a real engine with the demo, as somebody on call walks them. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { endAll, startEngine, until } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { openAddress } from './support/page.ts';

let browser: Browser;
let engine: EngineProcess;
let page: Page;
let errors: readonly string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  engine = await startEngine({ flags: ['--demo'] });
  ({ page, errors } = await openAddress(browser, `${engine.url}/#/alerts`));
}, 45_000);

afterAll(async () => {
  await browser.close();
  await endAll();
  expect(errors).toEqual([]);
});

async function post(path: string, body: object): Promise<void> {
  const response = await fetch(`${engine.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
}

async function go(hash: string): Promise<void> {
  await page.goto(`${engine.url}/${hash}`);
}

/** How long a poll may take on a busy machine. */
const PATIENT = { timeout: 15_000 };

describe('alerts', () => {
  test('a calm fleet says that nothing fires and where to look', async () => {
    await page.locator('.empty-title', { hasText: 'Nothing fires' }).waitFor();
    await page.locator('.empty a', { hasText: 'Rules' }).click();
    await page.locator('.list tr', { hasText: 'demo-plays-drop' }).waitFor();
    expect(page.url()).toContain('#/alerts/rules');
  });

  test('a broken region fires, with value, trend, evidence and a badge on every screen', async () => {
    await page.locator('.list tr', { hasText: 'demo-plays-drop' }).locator('.state-ok').waitFor();
    await until(
      async () => {
        const { alerts } = (await engine.get('/api/v1/rules/demo-plays-drop')) as {
          alerts: { watched: number };
        };
        return alerts.watched >= 4;
      },
      'the rule knows its regions',
      20_000,
    );
    await post('demo/break', { region: 'eu-west', kind: 'outage' });
    await page.locator('.tabs a', { hasText: 'Firing' }).click();
    const alert = page.locator('[aria-label="Alerts of demo-plays-drop"] .firing-alert');
    await alert.waitFor(PATIENT);
    expect(await alert.locator('.label').textContent()).toBe('regioneu-west');
    expect(await alert.locator('.firing-why').textContent()).toContain('sps < 12');
    expect(await alert.locator('.firing-marks').textContent()).toMatch(/\d+ of \d+ agents/);
    expect(await alert.locator('.spark path').getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+L/);
    expect(await alert.locator('.firing-value').textContent()).toContain('sps');
    await page.locator('.top .badge').waitFor();
    await expect.poll(() => page.title(), PATIENT).toMatch(/^\(\d+\) Alerts/);
  });

  test('a rule says why it fires, window after window', async () => {
    const alert = page.locator('[aria-label="Alerts of demo-plays-drop"] .firing-alert');
    await alert.locator('a', { hasText: 'Why' }).click();
    await page.locator('.why .state-firing').waitFor();
    await page.locator('.why-windows .verdict-holds').first().waitFor();
    expect(await page.locator('.why-windows').textContent()).toContain('it holds: sps < 12');
    await page.locator('.rule-keys tr', { hasText: 'region us-east' }).locator('a').click();
    await page.locator('.why header', { hasText: 'region us-east' }).waitFor();
    await page.locator('.why-windows .verdict-clear').first().waitFor();
    await page.locator('.lately .stretch-firing').first().waitFor({ state: 'attached' });
  });

  test('a silence shows what it mutes before it does, marks the alert, and is expired', async () => {
    await go('#/alerts');
    const alert = page.locator('[aria-label="Alerts of demo-plays-drop"] .firing-alert');
    await alert.locator('button', { hasText: 'Silence' }).click();
    await page.locator('.silence-preview', { hasText: 'Mutes 1 alert now' }).waitFor();
    const submit = page.locator('dialog button[type=submit]');
    expect(await submit.isDisabled()).toBe(true);
    await page.locator('dialog input').fill('rolled back, Ana watches');
    await submit.click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await alert.locator('.tag', { hasText: 'silenced' }).waitFor(PATIENT);
    await page.locator('.tabs a', { hasText: 'Silences' }).click();
    const silence = page.locator('.list tr', { hasText: 'rolled back' });
    await silence.locator('.tag', { hasText: 'active' }).waitFor();
    await silence.locator('button', { hasText: 'Expire' }).click();
    await silence.locator('.tag', { hasText: 'expired' }).waitFor();
  });

  test('the history tells what happened, and the delivery log whom it told', async () => {
    await page.locator('.tabs a', { hasText: 'History' }).click();
    await page
      .locator('.list tr', { hasText: 'demo-plays-drop' })
      .locator('.state-firing')
      .first()
      .waitFor();
    await page.locator('.tabs a', { hasText: 'Deliveries' }).click();
    await page.locator('.list tbody tr', { hasText: 'demo-log' }).first().waitFor();
  });

  test('a rule is written with its mistakes at their place, previewed, and put in force', async () => {
    await page.locator('.screen-head a', { hasText: 'New rule' }).click();
    const text = page.locator('[data-rule] .cm-content');
    await text.waitFor();
    await text.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(rule('speed < 10'));
    await page.locator('.rule-mistakes .bad', { hasText: 'speed' }).waitFor();
    await page.locator('.cm-lintRange-error').first().waitFor();
    expect(await page.locator('.primary', { hasText: 'Put in force' }).isDisabled()).toBe(true);
    await text.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(rule('n < 1000000'));
    await page.locator('.rule-mistake.good').waitFor();
    await page.locator('.preview h3', { hasText: /\d+ pages? over/ }).waitFor(PATIENT);
    await page.locator('.chart canvas').first().waitFor();
    await text.click();
    await page.keyboard.press('Control+s');
    await page.locator('.rule-head h3', { hasText: 'too-few' }).waitFor();
    await page.locator('.rule-head .state-firing').waitFor(PATIENT);
    await page.locator('.rule-head button', { hasText: 'Delete' }).click();
    await page.locator('.rule-head button', { hasText: 'Really delete' }).click();
    await page.locator('.list tr', { hasText: 'demo-plays-drop' }).waitFor();
    expect(await page.locator('.list tr', { hasText: 'too-few' }).count()).toBe(0);
  });
});

test('a rule is tried on what was kept, and its threshold is moved on the chart', async () => {
  await until(
    async () => {
      const { lines } = (await engine.get(
        `/api/v1/series?query=${encodeURIComponent(DEMO_QUERY)}&step=10000`,
      )) as { lines: readonly unknown[] };
      return lines.length > 0;
    },
    'windows of the demo rule are kept',
    60_000,
  );
  await go('#/alerts/rules/demo-plays-drop/edit');
  const backtest = page.locator('.backtest');
  const handle = backtest.locator('.threshold-handle');
  await handle.waitFor(PATIENT);
  await backtest.locator('.backtest-sweep .chosen', { hasText: 'sps < 12' }).waitFor(PATIENT);
  expect(await handle.getAttribute('aria-valuenow')).toBe('12');
  await handle.focus();
  await page.keyboard.press('ArrowUp');
  await page
    .locator('[data-rule] .cm-content', { hasText: /when: sps < 1[3-9]|when: sps < 2/ })
    .waitFor();
  await page.locator('.rule-mistake.good').waitFor(PATIENT);
  await page.locator('.preview:not(.backtest) .threshold-plot').scrollIntoViewIfNeeded();
  const box = await page.locator('.preview:not(.backtest) .threshold-plot').boundingBox();
  const grip = await page.locator('.preview:not(.backtest) .threshold-handle').boundingBox();
  if (box === null || grip === null) throw new Error('there is no chart');
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await page.mouse.move(grip.x + grip.width / 2, box.y + 8, { steps: 5 });
  await page.mouse.up();
  await page.locator('[data-rule] .cm-content', { hasText: /when: sps < [1-9]\d\d/ }).waitFor();
  await page.locator('.preview:not(.backtest) h3', { hasText: /\d+ pages? over/ }).waitFor(PATIENT);
});

const DEMO_QUERY = 'select rate() as sps from plays window 1s group by region';

function rule(when: string): string {
  return [
    'name: too-few',
    'query: select count(*) as n from plays window 1s group by region',
    `when: ${when}`,
    'severity: info',
    '',
  ].join('\n');
}

describe('a question', () => {
  const query = 'select rate() as sps from plays window 1s group by region';

  test('is narrowed to a group by a click, and comes back from the history', async () => {
    await go(`#${new URLSearchParams({ q: query, run: '1' }).toString()}`);
    await page.locator('.legend-label', { hasText: 'us-east' }).click();
    const address = (): string => decodeURIComponent(page.url().replaceAll('+', ' '));
    await expect.poll(address, PATIENT).toContain("from plays where region = 'us-east' window 1s");
    await expect.poll(() => page.locator('.legend-item').count(), PATIENT).toBe(1);
    await page.locator('.side-parts button', { hasText: 'History' }).click();
    await page.locator('.kept-run').nth(1).click();
    await expect.poll(() => page.locator('.legend-item').count(), PATIENT).toBe(4);
  });

  test('has a link that holds its time', async () => {
    await go(`#${new URLSearchParams({ q: query, run: '1' }).toString()}`);
    await page.locator('.chart canvas').waitFor();
    await page.locator('.button.pause').click();
    await expect.poll(() => page.url(), PATIENT).toMatch(/from=\d+&to=\d+/);
    const [from] = await page.locator('.scrubber .numeric').allTextContents();
    const link = page.url();
    await page.locator('.button.pause').click();
    await expect.poll(() => page.url(), PATIENT).not.toContain('from=');
    await page.goto(link);
    await page.reload();
    await page.locator('.chart canvas').waitFor();
    expect((await page.locator('.scrubber .numeric').allTextContents())[0]).toBe(from);
    await page.locator('.button.pause').click();
  });

  test('is saved under a name, found in the palette, and removed', async () => {
    await page.locator('.query-actions button', { hasText: 'Save' }).click();
    await page.locator('dialog input').first().fill('starts_per_second');
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.locator('.palette-input').fill('starts_per');
    await page.locator('.palette [aria-selected=true]', { hasText: 'starts_per_second' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.side-parts button', { hasText: 'Saved' }).click();
    const item = page.locator('.kept-item', { hasText: 'starts_per_second' });
    await item.locator('.icon-button').click();
    await item.locator('.icon-button').click();
    await item.waitFor({ state: 'detached' });
  });

  test('is explained stage by stage, with live rates', async () => {
    await page.locator('.query-actions button', { hasText: 'Explain' }).click();
    await page.locator('.stage', { hasText: 'agent' }).waitFor();
    await expect
      .poll(() => page.locator('.stage', { hasText: 'shard' }).textContent(), PATIENT)
      .toMatch(/in\d+\/s/);
    await page.locator('.query-actions button', { hasText: 'Explain' }).click();
  });

  test('says what it costs while it runs, and what another would before it does', async () => {
    await page.locator('.cost', { hasText: '% of a shard' }).waitFor(PATIENT);
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText(' having sps > 1');
    await page
      .locator('.cost-before', { hasText: /plays ≈ \d+ events\/s, 8 agents/ })
      .waitFor(PATIENT);
    await page.keyboard.press('Control+z');
    await page.locator('.cost-before').waitFor({ state: 'detached' });
  });

  test('is handed on as a command and as a file', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('.menu button', { hasText: 'Share' }).click();
    await page.locator('[role=menuitem]:focus', { hasText: 'Copy link' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.query-said', { hasText: 'copied' }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    expect(command).toContain(`squilla query --url '${engine.url}'`);
    expect(command).toContain(query);
    await page.locator('.menu button', { hasText: 'Share' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[role=menuitem]', { hasText: 'CSV' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('squilla.csv');
  });

  test('becomes an alert rule', async () => {
    await page.locator('.query-actions button', { hasText: 'Alert' }).click();
    await page.locator('[data-rule] .cm-content', { hasText: query }).waitFor();
    await page.locator('.rule-mistake.good').waitFor();
  });
});

describe('fleet', () => {
  test('agents, streams, queries and the ledger are told, and a query is stopped', async () => {
    await go('#/fleet');
    const agent = page.locator('.list tr', { hasText: 'player-us-east-1' });
    await agent.locator('.agent-live').waitFor();
    await expect.poll(() => agent.locator('td').nth(5).textContent(), PATIENT).toMatch(/^\d/);
    await expect.poll(() => agent.locator('td').nth(7).textContent(), PATIENT).toMatch(/ %$/);
    const idle = page.locator('.list tr', { hasText: 'host.cpu' });
    await expect.poll(() => idle.locator('td').nth(5).textContent(), PATIENT).toBe('not asked');
    await page.locator('.tabs a', { hasText: 'Streams' }).click();
    await page.locator('.list button', { hasText: 'plays' }).click();
    await page.locator('.field-facts dt', { hasText: 'region' }).waitFor();
    const ways = page.locator('.ways-in tr');
    await ways.filter({ hasText: 'Agents' }).locator('.tag.good').waitFor();
    await page.locator('.tabs a', { hasText: 'Ledger' }).click();
    await page.locator('.flow-picture .flow-name', { hasText: 'evaluated' }).waitFor();
    await page.locator('.flow-sum.good').waitFor(PATIENT);

    const watcher = await browser.newPage();
    const query = 'select max(latency) as worst from plays window 1s';
    await watcher.goto(`${engine.url}/#${new URLSearchParams({ q: query, run: '1' }).toString()}`);
    await watcher.locator('.chart canvas').waitFor();
    await page.locator('.tabs a', { hasText: 'Queries' }).click();
    const row = page.locator('.list tr', { hasText: 'max(latency)' });
    await row.locator('button', { hasText: 'Stop' }).click();
    await row.locator('button', { hasText: 'Really stop' }).click();
    await row.waitFor({ state: 'detached' });
    await watcher.locator('.notice', { hasText: 'ended' }).waitFor();
    await watcher.close();
  });
});

describe('tables', () => {
  test('rows are put, looked at, joined and removed', async () => {
    await go('#/fleet/tables');
    await page.locator('.empty-title', { hasText: 'No tables' }).waitFor();
    await page.locator('button', { hasText: 'Add a table' }).click();
    await page.locator('dialog input').first().fill('studios');
    await page.locator('dialog textarea').fill('region,name\neu-west,North\nus-east,<img src=x>');
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    const row = page.locator('.list tr', { hasText: 'studios' });
    await row.waitFor();
    expect(await row.textContent()).toContain('put by local');
    await row.locator('button', { hasText: 'studios' }).click();
    await page.locator('.list td', { hasText: '<img src=x>' }).waitFor();
    await row.locator('button', { hasText: 'Remove' }).click();
    await row.locator('button', { hasText: 'Really remove' }).click();
    await page.locator('.empty-title', { hasText: 'No tables' }).waitFor(PATIENT);
  });

  test('one that cannot be put says why', async () => {
    await page.locator('button', { hasText: 'Add a table' }).click();
    await page.locator('dialog input').first().fill('studios');
    await page.locator('dialog input').nth(1).fill('ftp://nowhere');
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog .notice.warn').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  });
});

describe('the shell', () => {
  test('the keyboard alone goes everywhere, and a reload stays', async () => {
    await go('#/fleet/queries');
    await page.locator('.fleet').waitFor();
    await page.keyboard.press('Control+k');
    await page.locator('.palette-input').waitFor();
    await page.keyboard.type('sile');
    await page.locator('.palette [aria-selected=true]', { hasText: 'Silences' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.tabs [aria-current=page]', { hasText: 'Silences' }).waitFor();
    await page.reload();
    await page.locator('.tabs [aria-current=page]', { hasText: 'Silences' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.locator('.fleet').waitFor();
    await page.keyboard.press('?');
    await page.locator('dialog', { hasText: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.locator('.chart canvas').waitFor();
    // `b` alone is the builder's.
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    await page.locator('.board-card').first().waitFor();
    await page.keyboard.press('n');
    await page.locator('dialog', { hasText: 'New board' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.locator('.alerts').waitFor();
    await page.keyboard.press('4');
    await page.locator('.tabs [aria-current=page]', { hasText: 'History' }).waitFor();
    await page.keyboard.press('n');
    await page.locator('[data-rule]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('h2').first().click();
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.locator('.chart canvas').waitFor();
    expect(await page.locator('.builder').count()).toBe(0);
  });

  test('times follow the zone, and the theme has high contrast', async () => {
    await page.locator('.zone-button').click();
    expect(await page.locator('.zone-button').textContent()).toBe('UTC');
    for (let i = 0; i < 3; i++) await page.locator('.theme-button').click();
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('contrast');
    await page.locator('.theme-button').click();
    await page.locator('.zone-button').click();
  });
});
