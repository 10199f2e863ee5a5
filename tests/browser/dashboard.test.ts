import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MOCK_TOKEN, startMock, type MockOptions, type MockServer } from '../../packages/web/dev/mock-server.ts';
import { axeViolations, findChromium, launch, openPage, overflow, type WatchedPage } from './chromium.ts';

const chromium = findChromium();
const built = path.resolve(import.meta.dirname, '../../packages/server/dist/web/index.html');
let browser: Browser;
let mock: MockServer;
let watched: WatchedPage;

async function open(
  options: { readonly mock?: MockOptions; readonly context?: BrowserContextOptions; readonly token?: string } = {},
): Promise<void> {
  mock = await startMock({ frameMs: 200, ...options.mock });
  watched = await openPage(browser, options.context);
  const fragment = options.token === undefined ? '' : `#token=${options.token}`;
  await watched.page.goto(mock.url + fragment);
}

const openSignedIn = (options: Parameters<typeof open>[0] = {}): Promise<void> => open({ token: MOCK_TOKEN, ...options });

describe.skipIf(chromium === undefined)('the dashboard in Chromium', () => {
  beforeAll(async () => {
    if (!existsSync(built)) throw new Error('The page is not built: run npm run build first.');
    browser = await launch(chromium ?? '');
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await watched?.close();
    await mock?.stop();
  });

  describe('sign-in', () => {
    test('asks for a token, says when it is wrong, and lets a right one in', async () => {
      await open();
      const { page } = watched;
      await page.getByLabel('Access token').fill('not-the-token');
      await page.keyboard.press('Enter');
      await page.getByText('This token is not valid here').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await page.getByLabel('Access token').fill(MOCK_TOKEN);
      await page.keyboard.press('Enter');
      await page.getByText('Live', { exact: true }).waitFor();
    });

    test('a token in the address signs in and leaves the address at once', async () => {
      await openSignedIn();
      await watched.page.getByText('Live', { exact: true }).waitFor();
      expect(watched.page.url()).not.toContain('token');
      expect(watched.complaints).toEqual([]);
    });

    test('signing out closes the dashboard', async () => {
      await openSignedIn();
      await watched.page.getByRole('button', { name: 'Sign out' }).click();
      await watched.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await watched.page.locator('.tiles').count()).toBe(0);
    });
  });

  describe('live picture', () => {
    test('values move by themselves and the charts are drawn', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.locator('.u-over').first().waitFor();
      const values = (): Promise<string> => page.locator('.tiles').innerText();
      const before = await values();
      await expect.poll(values, { timeout: 8000 }).not.toBe(before);
      expect(await page.locator('canvas').count()).toBeGreaterThanOrEqual(6);
      expect(watched.complaints).toEqual([]);
    });

    test('says when the server is gone and goes on when it is back', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByText('Live', { exact: true }).waitFor();
      const { port } = new URL(mock.url);
      await mock.stop();
      await page.getByText('No connection to the server').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      mock = await startMock({ port: Number(port) });
      await page.getByRole('button', { name: 'Try now' }).click();
      await page.getByText('Live', { exact: true }).waitFor();
    });

    test('another instance shows without the stream', async () => {
      await openSignedIn();
      await watched.page.getByLabel('Instance').selectOption('10.0.0.7:8000');
      await watched.page.getByText('Live', { exact: true }).waitFor();
      await watched.page.locator('.u-over').first().waitFor();
      await expect.poll(() => watched.page.getByRole('heading', { name: /^CPU\b/ }).count()).toBe(2);
    });

    test('a hidden page lets go of its stream and takes it up again when it is seen', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByText('Live', { exact: true }).waitFor();
      expect(mock.viewers()).toBe(1);
      const setHidden = (isHidden: boolean): Promise<void> =>
        page.evaluate(
          `Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} }); document.dispatchEvent(new Event('visibilitychange')); undefined`,
        );
      await setHidden(true);
      await page.getByText('Paused', { exact: true }).waitFor();
      await expect.poll(() => mock.viewers()).toBe(0);
      await setHidden(false);
      await page.getByText('Live', { exact: true }).waitFor();
    });

    test('redraws are cheap, and charts out of sight are not redrawn', async () => {
      await openSignedIn({ context: { viewport: { width: 1280, height: 320 } } });
      const { page } = watched;
      await page.locator('.u-over').first().waitFor();
      const costs = (): Promise<number[]> =>
        page.evaluate("performance.getEntriesByName('bellwether:redraw').map(({ duration }) => duration)");
      await expect.poll(async () => (await costs()).length, { timeout: 10_000 }).toBeGreaterThan(20);
      const sorted = (await costs()).toSorted((left, right) => left - right);
      expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(10);
      await page.evaluate('scrollTo(0, document.body.scrollHeight); performance.clearMeasures(); undefined');
      const tiles = (): Promise<string> => page.locator('.tiles').innerText();
      const settled = await tiles();
      await expect.poll(tiles).not.toBe(settled);
      await page.evaluate('performance.clearMeasures()');
      const later = await tiles();
      await expect.poll(tiles).not.toBe(later);
      expect(await costs()).toEqual([]);
    });

    test('the tab tells the number of alerts', async () => {
      await openSignedIn({ mock: { mood: 'incident' } });
      await expect.poll(() => watched.page.title()).toBe('(3) Bellwether');
      expect(await watched.page.locator('#favicon').getAttribute('href')).toBe('./favicon-alert.svg');
      expect(watched.complaints).toEqual([]);
    });

    test('works below a prefix', async () => {
      await openSignedIn({ mock: { prefix: '/monitor/' } });
      await watched.page.getByText('Live', { exact: true }).waitFor();
      await watched.page.locator('.u-over').first().waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test('a server without traffic, custom metrics or cache says what would bring them', async () => {
      await openSignedIn({ mock: { only: ['cpu_usage', 'memory_usage'], mood: 'calm' } });
      const { page } = watched;
      await page.getByText('No cache in this process').waitFor();
      await page.getByText('No custom metrics yet').waitFor();
      await page.getByText('No active alerts').waitFor();
      await page.getByText('Appears with the first measured database query').waitFor();
      expect(await axeViolations(page)).toEqual([]);
    });
  });

  describe('actions', () => {
    test('an alert can be acknowledged and silenced by keyboard alone', async () => {
      await openSignedIn({ mock: { mood: 'incident' } });
      const { page } = watched;
      const button = page.getByRole('button', { name: 'Acknowledge api_response_time' });
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByText('Acknowledged by you').waitFor();
      await page.getByRole('button', { name: 'Silence 1 h: api_response_time' }).focus();
      await page.keyboard.press('Space');
      await page.getByText('Silenced for 1 hour: api_response_time').waitFor();
      expect(mock.changes[0]).toContain('alerting/alerts/alert-api_response_time/ack');
      expect(mock.changes[1]).toContain('alerting/silences');
    });

    test('the cache is cleared by tags, and wholly only on a second press', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByLabel('Tags to clear').fill('user, market');
      await page.keyboard.press('Enter');
      await page.getByText("Cleared 150 cache entries with tags: ['user', 'market']").waitFor();
      await page.getByRole('button', { name: 'Clear everything' }).click();
      expect(mock.changes).toHaveLength(1);
      await page.getByRole('button', { name: 'Really clear everything?' }).click();
      await page.getByText('Cleared all cache entries').waitFor();
    });

    test('cache entries come page by page and by tag', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByText('Entries', { exact: true }).click();
      await page.getByText('1–20 of 53').waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('21–40 of 53').waitFor();
      await page.getByLabel('Only with tag').fill('premium');
      await page.getByText('user:1000').waitFor();
      expect(await page.getByText('market:').count()).toBe(0);
    });

    test('the arrow keys read a chart out, and its table twin has the same values', async () => {
      await openSignedIn();
      const { page } = watched;
      const chart = page.getByRole('slider', { name: 'CPU chart' });
      await page.locator('.u-over').first().waitFor();
      await chart.focus();
      await page.keyboard.press('Home');
      expect(await chart.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d: CPU [\d.]+ %, Process [\d.]+ %$/);
      expect(await chart.getAttribute('aria-valuenow')).toBe('0');
      await page.getByRole('button', { name: 'CPU as a table', exact: true }).click();
      const rows = page.getByRole('region', { name: 'CPU: table' }).getByRole('row');
      await expect.poll(() => rows.count()).toBeGreaterThan(20);
      expect(await axeViolations(page)).toEqual([]);
    });

    test('a longer range is fetched and remembered', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByText('24h', { exact: true }).click();
      await expect.poll(() => page.getByText('CPU, last 24 hours').count()).toBeGreaterThan(0);
      await page.reload();
      await expect.poll(() => page.getByText('CPU, last 24 hours').count()).toBeGreaterThan(0);
    });

    test('metrics are filtered by name and sorted by value', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByLabel('Filter metrics by name').fill('orders');
      const table = page.getByRole('region', { name: 'Metrics', exact: true });
      await expect.poll(() => table.getByRole('row').count()).toBe(3);
      await table.getByRole('button', { name: 'Now' }).click();
      expect(await table.getByRole('rowheader').first().innerText()).toBe('orders_open');
    });

    test('the theme goes round and stays after a reload', async () => {
      await openSignedIn({ context: { colorScheme: 'light' } });
      const { page } = watched;
      const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await background();
      await page.getByRole('button', { name: 'Theme: system' }).click();
      await page.getByRole('button', { name: 'Theme: light' }).click();
      const dark = await background();
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await background()).toBe(dark);
    });
  });

  describe('arranging', () => {
    /** Names only: a tile whose metric has an alert says so behind its name. */
    const tileTitles = async (): Promise<string[]> =>
      (await watched.page.locator('.tile h3').allInnerTexts()).map((text) => text.split('\n', 1)[0] ?? '');

    test('tiles move and hide by keyboard, keep the focus, and stay so after a reload', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByRole('button', { name: 'Arrange the page' }).click();
      await page.getByRole('button', { name: 'Move CPU tile later' }).focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Move CPU tile later');
      await page.getByRole('button', { name: 'Hide Disk tile' }).click();
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Done' }).click();
      await page.reload();
      await expect.poll(async () => (await tileTitles()).slice(0, 3)).toEqual(['Memory', 'CPU', 'Network in']);
      await page.getByRole('button', { name: 'Arrange the page' }).click();
      await page.getByRole('button', { name: 'Show Disk tile' }).click();
      await page.getByRole('button', { name: 'Reset' }).click();
      expect((await tileTitles()).slice(0, 3)).toEqual(['CPU', 'Memory', 'Disk']);
    });

    test('a tile is dragged onto the place of another', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByRole('button', { name: 'Arrange the page' }).click();
      await page.getByRole('button', { name: 'Done' }).waitFor();
      await page.locator('[data-area=tiles][data-part=memory_usage]').dragTo(page.locator('[data-area=tiles][data-part=cpu_usage]'));
      expect((await tileTitles()).slice(0, 2)).toEqual(['Memory', 'CPU']);
    });

    test('a custom metric gets a chart of its own', async () => {
      await openSignedIn();
      const { page } = watched;
      await page.getByRole('button', { name: 'Chart orders_open' }).click();
      await page.getByRole('slider', { name: 'Orders open chart' }).locator('.u-over').waitFor();
      await page.reload();
      await page.getByRole('slider', { name: 'Orders open chart' }).locator('.u-over').waitFor();
      expect(watched.complaints).toEqual([]);
    });
  });

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    test.each([320, 1280])('at %d pixels axe finds nothing', async (width) => {
      await openSignedIn({ mock: { mood: 'incident' }, context: { colorScheme, viewport: { width, height: 900 } } });
      const { page, complaints } = watched;
      await page.locator('.u-over').first().waitFor();
      await page.getByText('execution_time_match_order').waitFor();
      await page.locator('summary', { hasText: 'Add an index' }).click();
      expect(await axeViolations(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  test('from 320 pixels to 4K nothing is wider than the window', async () => {
    await openSignedIn({ mock: { mood: 'incident' } });
    const { page } = watched;
    await page.getByText('execution_time_match_order').waitFor();
    await page.locator('summary', { hasText: 'Add an index' }).click();
    for (const width of [320, 375, 560, 768, 900, 1100, 1440, 1920, 2560, 3840]) {
      await page.setViewportSize({ width, height: 900 });
      expect([width, await overflow(page)]).toEqual([width, 0]);
    }
  });
});
