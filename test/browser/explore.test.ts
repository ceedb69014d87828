/** The Explore page in a real browser: from a typo to a live chart, with the keyboard. */
import { describe, expect, test } from 'vitest';
import { onePage } from './support/one-page.ts';
import { typeQuery } from './support/page.ts';
import { completeness, rows, schema } from './support/results.ts';

const { open } = onePage();

/** How long a poll may take on a busy machine. */
const PATIENT = { timeout: 8_000 };

const COUNT = 'select count(*) as starts from plays window 1s group by region';

describe('asking', () => {
  test('an empty page shows a live answer by itself', async () => {
    const { page, engine } = await open();
    await page.locator('.chart canvas').waitFor();
    await page.locator('.verdict', { hasText: 'Complete' }).waitFor();
    expect(engine.subscriptions[0]?.query).toContain('from plays');
    expect(await page.locator('.table-card tbody tr').count()).toBe(5);
    expect(await page.locator('.legend-item').count()).toBe(5);
  });

  test('a typo is underlined with its remedy, and the mended query runs', async () => {
    const { page, engine } = await open();
    await page.locator('.cm-content').waitFor();
    await typeQuery(page, COUNT.replace('plays', 'requests').replace('window', 'windw'));
    await page.locator('.cm-lintRange-error').first().waitFor();
    await page.locator('.diagnostic.error .diagnostic-message').waitFor();
    const asked = engine.subscriptions.length;
    await page.keyboard.press('Control+Enter');
    await page.locator('.fix', { hasText: 'WINDOW' }).click();
    expect(engine.subscriptions).toHaveLength(asked);
    await page.locator('.diagnostic.error').waitFor({ state: 'detached' });
    expect(await page.locator('.cm-content').textContent()).toContain('requests WINDOW 1s');
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Enter');
    await page.locator('.chart canvas').waitFor();
    await expect.poll(() => engine.subscriptions.at(-1)?.query, PATIENT).toContain('from requests');
    const first = await page.locator('.table-head .numeric').textContent();
    await expect
      .poll(() => page.locator('.table-head .numeric').textContent(), PATIENT)
      .not.toBe(first);
  });

  test('Escape stops, and what was seen stays', async () => {
    const { page } = await open();
    await page.locator('.chart canvas').waitFor();
    await page.locator('.top h1').click();
    await page.keyboard.press('Escape');
    await page.locator('.result[data-live=false]').waitFor();
    expect(await page.locator('.button.stop').isDisabled()).toBe(true);
    expect(await page.locator('.table-card tbody tr').count()).toBe(5);
    await page.keyboard.press('/');
    await page.keyboard.press('Control+Enter');
    await page.locator('.result[data-live=true]').waitFor();
  });

  test('the address keeps the query, and a link to it runs', async () => {
    const hash = `#${new URLSearchParams({ q: COUNT, run: '1', span: '60' }).toString()}`;
    const { page, engine } = await open({ hash });
    await page.locator('.chart canvas').waitFor();
    expect(engine.subscriptions[0]?.query).toBe(COUNT);
    expect(await page.locator('.spans [aria-pressed=true]').textContent()).toBe('1m');
    await page.locator('.chip', { hasText: 'Request latency' }).click();
    await expect.poll(() => page.url(), PATIENT).toContain('p99');
  });

  test('a click on a stream lists its fields, and a click on a field writes it', async () => {
    const { page } = await open();
    await page.locator('.cm-content').waitFor();
    await typeQuery(page, 'select  from plays');
    for (let i = 0; i < ' from plays'.length; i++) await page.keyboard.press('ArrowLeft');
    await page.locator('.stream-row', { hasText: 'plays' }).click();
    await page.locator('.field', { hasText: 'latency' }).click();
    await expect
      .poll(() => page.locator('.cm-content').textContent(), PATIENT)
      .toBe('select latency from plays');
  });

  test('completion offers the streams there are', async () => {
    const { page } = await open();
    await page.locator('.cm-content').waitFor();
    await typeQuery(page, 'select count(*) from ');
    await page.keyboard.type('playb');
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'playback_errors' }).click();
    await expect
      .poll(() => page.locator('.cm-content').textContent(), PATIENT)
      .toContain('from playback_errors');
  });

  test('completion offers the values that a field was seen to have', async () => {
    const { page } = await open();
    await page.locator('.cm-content').waitFor();
    await typeQuery(page, 'select * from plays where region = ');
    await page.keyboard.type("'eu");
    await page.locator('.cm-tooltip-autocomplete li', { hasText: "'eu-west'" }).click();
    await expect
      .poll(() => page.locator('.cm-content').textContent(), PATIENT)
      .toBe("select * from plays where region = 'eu-west'");
  });

  test('what the pointer or the caret is on is explained', async () => {
    const { page } = await open();
    await page.locator('.cm-content').waitFor();
    await typeQuery(page, 'select p99(latency) from plays');
    await page.keyboard.press('ControlOrMeta+i');
    await expect
      .poll(() => page.locator('.mql-card').textContent(), PATIENT)
      .toContain('device, region, title, latency');
    await page.keyboard.press('Escape');
    await page.locator('.mql-card').waitFor({ state: 'detached' });
    await page.locator('.mql-function', { hasText: 'p99' }).hover();
    await expect.poll(() => page.locator('.mql-card').textContent(), PATIENT).toContain('p99(x');
  });

  test('a shortcut lays the query out', async () => {
    const { page } = await open();
    await page.locator('.cm-content').waitFor();
    await typeQuery(page, 'select count(*) from plays where region="eu" group by device window 1s');
    await page.keyboard.press('Shift+Alt+F');
    await expect
      .poll(() => page.locator('.cm-line').allTextContents(), PATIENT)
      .toEqual([
        'select count(*)',
        'from plays',
        'where region = "eu"',
        'group by device',
        'window 1s',
      ]);
  });
});

describe('answers', () => {
  test('events of a plain filter append, newest first, in few rows of the page', async () => {
    const { page } = await open({ hash: '#q=select+*+from+playback_errors&run=1' });
    const count = page.locator('.table-head span').first();
    await expect
      .poll(async () => Number.parseInt((await count.textContent()) ?? '', 10), PATIENT)
      .toBeGreaterThan(60);
    expect(await page.locator('.table-card tbody tr').count()).toBeLessThan(60);
    expect(await page.locator('.chart canvas').count()).toBe(0);
    await page.locator('.table-scroll').evaluate((box) => box.scrollTo({ top: 200 }));
    await page.locator('.table-waiting').click();
    await page.locator('.table-waiting').waitFor({ state: 'detached' });
    await page.locator('.table-scroll').evaluate((box) => box.scrollTo({ top: 200 }));
    await page.locator('.table-waiting').waitFor();
    await page.locator('.table-card td .link').nth(12).click();
    expect(await page.locator('.event-json').textContent()).toMatch(/^\{\n {2}"/);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.locator('.result[data-live=true]').waitFor();
  });

  test.each([
    {
      name: 'silent',
      state: { source: 'silent', status: 'degraded', traffic: 'zero' },
      word: 'Silent',
    },
    { name: 'zero', state: { traffic: 'zero' }, word: 'Zero' },
    { name: 'behind', state: { engine: 'behind' }, word: 'Behind' },
  ] as const)('$name is told apart in the badge', async ({ state, word }) => {
    const { page } = await open({
      script: ({ send }) => {
        send(schema());
        send(rows(1_000, [{ region: 'eu', starts: 0 }], { completeness: completeness(state) }));
      },
    });
    await page.locator('.verdict strong', { hasText: word }).waitFor();
  });

  test('a refused query says why and what to do', async () => {
    const { page } = await open({
      script: ({ send }) => {
        const problem = {
          type: 'x',
          title: 'Too many queries',
          status: 429,
          detail: 'Stop one.',
          code: 'L',
        };
        send({ type: 'error', problem });
      },
    });
    await page.locator('.notice.bad', { hasText: 'Stop one.' }).waitFor();
  });

  test('an engine without streams says how to get one', async () => {
    const { page } = await open({ streams: [] });
    await page.locator('.streams code', { hasText: 'squilla agent host' }).waitFor();
    await page.locator('.empty-title', { hasText: 'Nothing to ask about yet' }).waitFor();
  });
});

describe('the page', () => {
  test('turns light, dark, to high contrast and back to the system', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    const theme = (): Promise<string | undefined> =>
      page.evaluate(() => document.documentElement.dataset['theme']);
    await page.locator('.theme-button').waitFor();
    expect(await theme()).toBe('dark');
    await page.locator('.theme-button').click();
    expect(await theme()).toBe('light');
    await page.reload();
    await page.locator('.theme-button').click();
    expect(await theme()).toBe('dark');
    await page.locator('.theme-button').click();
    expect(await theme()).toBe('contrast');
    await page.locator('.theme-button').click();
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(theme, PATIENT).toBe('light');
  });

  test('on a phone nothing is wider than the screen, and streams are a drawer', async () => {
    const { page } = await open({ width: 390, height: 844 });
    await page.locator('.chart canvas').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.locator('.drawer-button').click();
    await page.locator('.stream-row').first().click();
    await page.locator('.stream-actions button', { hasText: 'Tail' }).click();
    await page.locator('.side').waitFor({ state: 'hidden' });
    await page.locator('.table-head h2', { hasText: 'Events' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  test('demo incidents are posted as they were chosen', async () => {
    const { page, engine } = await open({ demo: true });
    await page.locator('.demo .segmented button', { hasText: 'us-east' }).click();
    await page.locator('.demo-break', { hasText: 'Outage' }).click();
    await page.locator('.demo [role=status]', { hasText: 'Outage in us-east' }).waitFor();
    expect(engine.bodies).toContainEqual({ region: 'us-east', kind: 'outage' });
    await page.locator('.demo-heal').click();
    await page.locator('.demo [role=status]', { hasText: 'Healed' }).waitFor();
  });
});
