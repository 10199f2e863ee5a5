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

const PARTS = ['', '/silences', '/rules', '/delivery'] as const;
/** Text that stands there once a part has what it asked for. */
const READY: Record<(typeof PARTS)[number], string> = {
  '': 'Likely root',
  '/silences': 'Deploy of the router',
  '/rules': 'Would have fired',
  '/delivery': 'attempts in a row failed',
};
const BARE_READY: Record<(typeof PARTS)[number], string> = {
  '': 'No open incident',
  '/silences': 'No active silence',
  '/rules': 'No rule with a threshold',
  '/delivery': 'No channel yet',
};

async function open(part: string, options: { readonly mock?: MockOptions; readonly context?: BrowserContextOptions } = {}): Promise<void> {
  mock = await startMock({ frameMs: 200, mood: 'incident', ...options.mock });
  watched = await openPage(browser, options.context);
  const { page } = watched;
  await page.goto(`${mock.url}#token=${MOCK_TOKEN}`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.goto(`${mock.url}#alerting${part}`);
  await page.getByRole('heading', { name: 'Alerting', exact: true }).waitFor();
}

/** Opens everything of a part that opens. */
async function unfold(part: (typeof PARTS)[number]): Promise<void> {
  const { page } = watched;
  const closed = page.locator('main [aria-expanded=false]');
  if (part !== '/rules') for (let left = await closed.count(); left > 0; left--) await closed.first().click();
  if (part === '/rules') {
    await page.getByRole('button', { name: 'cpu_usage', exact: true }).click();
    await page.getByText('The newest firings as a table').click();
    await page.getByRole('region', { name: 'cpu_usage: firings' }).waitFor();
  }
  if (part === '/silences') await page.getByRole('checkbox', { name: 'Maintenance window' }).check();
  if (part === '/delivery') {
    await page.getByRole('button', { name: 'Send a test to chat' }).click();
    await page.getByText('Test failed').waitFor();
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('Takes these labels').waitFor();
  }
}

/** The same page narrow and wide, without loading it again. */
async function inEachWidth(check: () => Promise<void>): Promise<void> {
  for (const width of [360, 1280]) {
    await watched.page.setViewportSize({ width, height: 900 });
    await check();
  }
}

describe.skipIf(chromium === undefined)('the alerting view in Chromium', () => {
  beforeAll(async () => {
    if (!existsSync(built)) throw new Error('The page is not built: run npm run build first.');
    browser = await launch(chromium ?? '');
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await watched?.close();
    await mock?.stop();
  });

  describe('the way there', () => {
    test('links and the address name the part, back returns, and skipping to the content keeps it', async () => {
      await open('/rules');
      const { page } = watched;
      await page.getByRole('link', { name: 'Delivery' }).click();
      await page.getByRole('heading', { name: 'Channels' }).waitFor();
      expect(page.url()).toContain('#alerting/delivery');
      await page.goBack();
      await page.getByRole('heading', { name: 'Try another threshold' }).waitFor();
      await page.getByRole('link', { name: 'Skip to content' }).focus();
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
      await page.reload();
      await page.getByRole('heading', { name: 'Try another threshold' }).waitFor();
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.locator('.tiles').waitFor();
      expect(await page.getByRole('heading', { name: 'Alerting', exact: true }).count()).toBe(0);
      expect(watched.complaints).toEqual([]);
    });
  });

  describe('active alerts', () => {
    test('a storm comes page by page, in the overview and here, and the counts are of all', async () => {
      await open('', { mock: { storm: 5000 } });
      const { page } = watched;
      await page.getByText('1–20 of 5 003').waitFor();
      const active = page.getByRole('region', { name: 'Active alerts' });
      expect(await active.locator('.alert').count()).toBe(20);
      expect(await active.locator('.breakdown').innerText()).toMatch(/5\s000/);
      await active.getByRole('button', { name: 'Next' }).click();
      await page.getByText('21–40 of 5 003').waitFor();
    });

    test('a filter of labels narrows the list, and what no alert fits says what to do', async () => {
      await open('', { mock: { storm: 30 } });
      const { page } = watched;
      const active = page.getByRole('region', { name: 'Active alerts' });
      await active.getByLabel('Labels').fill('shard="s7"');
      await page.keyboard.press('Enter');
      await expect.poll(() => active.locator('.alert').count()).toBe(1);
      await active.getByLabel('Severity').selectOption('critical');
      await active.getByText('No active alert fits').waitFor();
    });

    test('an alert says what explains it and what silences it', async () => {
      await open('', { mock: { storm: 1 } });
      const { page } = watched;
      await page.getByRole('button', { name: 'Details of queue_length' }).click();
      await page.locator('dd', { hasText: 'CPU usage is' }).waitFor();
      await page.getByRole('button', { name: 'Details of api_response_time' }).click();
      await page.getByText('“Deploy of the router” by dana').waitFor();
      expect(watched.complaints).toEqual([]);
    });

    test('an alert is taken and given back, and an incident is taken as one, by keyboard alone', async () => {
      await open('');
      const { page } = watched;
      await page.getByRole('button', { name: 'Acknowledge cpu_usage' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Take back the acknowledgement of cpu_usage' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Acknowledge cpu_usage' }).waitFor();
      await page.getByRole('button', { name: /^Acknowledge all of/ }).focus();
      await page.keyboard.press('Space');
      await page.getByText('Acknowledged 2 alerts').waitFor();
      expect(mock.changes).toEqual([
        expect.stringContaining('POST api/v1/alerting/alerts/alert-cpu_usage/ack'),
        'DELETE api/v1/alerting/acks/alert-cpu_usage',
        expect.stringContaining('POST api/v1/alerting/incidents/incident-1/acknowledge'),
      ]);
    });
  });

  describe('silences', () => {
    test('from an alert the form is filled in, previews what it covers, and saves', async () => {
      await open('');
      const { page } = watched;
      await page.getByRole('link', { name: 'Silence cpu_usage' }).click();
      const preview = page.getByRole('region', { name: 'Preview' });
      await preview.getByText('Covers 1 active alert now').waitFor();
      expect(await page.getByLabel('Label 1: value').inputValue()).toBe('cpu_usage');
      await page.getByLabel('Comment').fill('New disks');
      await page.getByRole('button', { name: '4 h' }).click();
      await page.getByRole('button', { name: 'Save silence' }).click();
      await page.getByText('Saved the silence').waitFor();
      const list = page.getByRole('region', { name: 'Silences and maintenance windows' });
      await list.getByText('New disks').first().waitFor();
      const sent = JSON.parse(mock.changes.at(-1)?.replace(/^\S+ \S+ /, '') ?? '') as Record<string, unknown>;
      expect(sent['matchers']).toEqual([{ name: 'alertname', value: 'cpu_usage', isRegex: false, isEqual: true }]);
      expect(sent['comment']).toBe('New disks');
      expect(await page.getByLabel('Label 1: value').inputValue()).toBe('');
    });

    test('a window that comes again over midnight is sent as two intervals of its zone', async () => {
      await open('/silences?alertname=cpu_usage', { context: { timezoneId: 'Europe/Berlin' } });
      const { page } = watched;
      await page.getByRole('checkbox', { name: 'Maintenance window' }).check();
      await page.getByRole('checkbox', { name: 'Sunday' }).uncheck();
      await page.getByRole('button', { name: 'Save silence' }).click();
      await page.getByText('Choose at least one day of the week').waitFor();
      await page.getByRole('checkbox', { name: 'Friday' }).check();
      await page.getByLabel('From').fill('23:00');
      await page.getByLabel('to', { exact: true }).fill('01:30');
      await page.getByText('Ends on the day after').waitFor();
      await page.getByRole('button', { name: 'Save silence' }).click();
      await page.getByText('Only Fri 23:00–24:00 (Europe/Berlin)').waitFor();
      await page.getByText('Only Sat 00:00–01:30 (Europe/Berlin)').waitFor();
      const { times } = JSON.parse(mock.changes.at(-1)?.replace(/^\S+ \S+ /, '') ?? '') as { times: object[] };
      expect(times).toEqual([
        { times: [{ start_time: '23:00', end_time: '24:00' }], weekdays: ['friday'], location: 'Europe/Berlin' },
        { times: [{ start_time: '00:00', end_time: '01:30' }], weekdays: ['saturday'], location: 'Europe/Berlin' },
      ]);
    });

    test('the server’s refusal stands in the form, which keeps what was written', async () => {
      await open('/silences?alertname=cpu_usage');
      const { page } = watched;
      await page.getByLabel('Ends', { exact: true }).fill('2020-01-01T00:00');
      await page.getByRole('button', { name: 'Save silence' }).click();
      await page.getByRole('alert').filter({ hasText: 'its end is in the past' }).waitFor();
      expect(await page.getByLabel('Label 1: value').inputValue()).toBe('cpu_usage');
    });

    test('a silence is changed in place, and its start is left as it was', async () => {
      await open('/silences');
      const { page } = watched;
      await page.getByRole('button', { name: 'Change: Deploy of the router' }).click();
      const form = page.getByRole('region', { name: 'Change the silence' });
      expect(await form.getByLabel('Label 1: value').inputValue()).toBe('api_response_time');
      await form.getByLabel('Comment').fill('Deploy of both routers');
      await form.getByRole('button', { name: 'Save change' }).click();
      await page.getByText('Changed the silence').waitFor();
      await page.getByRole('button', { name: 'Change: Deploy of both routers' }).waitFor();
      await page.getByRole('region', { name: 'New silence' }).waitFor();
      const [, path, body = '{}'] = /^PUT (\S+) (.*)$/.exec(mock.changes.at(-1) ?? '') ?? [];
      expect(path).toBe('api/v1/alerting/silences/silence-1');
      expect(Object.keys(JSON.parse(body) as object).toSorted()).toEqual(['comment', 'ends_at', 'matchers']);
    });

    test('a silence ends on the second press and is then among the expired ones', async () => {
      await open('/silences');
      const { page } = watched;
      await page.getByRole('button', { name: /^End now.*Deploy of the router/ }).click();
      expect(mock.changes).toEqual([]);
      await page.getByRole('button', { name: 'Really end it now?' }).click();
      await page.getByText('No active silence').waitFor();
      await page.getByText('Expired 2').click();
      await page.getByText('Deploy of the router').first().waitFor();
    });
  });

  describe('rules', () => {
    test('each says its state, its last error and its means; it opens to the table of its bar', async () => {
      await open('/rules');
      const { page } = watched;
      const rules = page.getByRole('region', { name: 'Rules', exact: true });
      await rules.getByText('Several series match.').waitFor();
      await rules.getByRole('img', { name: /^cpu_usage fired 2 times/ }).waitFor();
      await rules.getByRole('button', { name: 'cpu_usage', exact: true }).click();
      const table = page.getByRole('region', { name: 'cpu_usage: firings' });
      await expect.poll(() => table.getByRole('row').count()).toBe(3);
      await rules.getByText('Failing', { exact: true }).first().click();
      await expect.poll(() => rules.locator('.rule').count()).toBe(1);
      await rules.getByLabel('Name or expression').fill('nothing like it');
      await rules.getByText('No rule fits').waitFor();
    });

    test('a threshold moves by typing, by keys and by dragging, and each tells what would have fired', async () => {
      await open('/rules', { context: { viewport: { width: 1280, height: 1400 } } });
      const { page } = watched;
      const words = page.locator('.backtest-words');
      await words.filter({ hasText: 'Would have fired 4 times' }).waitFor();
      await page.getByLabel('Threshold, warning', { exact: true }).fill('75');
      await words.filter({ hasText: 'Would have fired 2 times' }).waitFor();
      const grip = page.getByRole('slider', { name: 'Threshold, warning, of cpu_usage' });
      await grip.focus();
      await page.keyboard.press('PageUp');
      // Ten steps of a scale that the metric's own values make.
      const raised = Number(await grip.getAttribute('aria-valuenow'));
      expect([80, 85]).toContain(raised);
      expect(await grip.getAttribute('aria-valuetext')).toBe(`warning ${raised}.0 %`);
      await page.getByLabel('Threshold, warning', { exact: true }).fill('85');
      await words.filter({ hasText: 'Would have fired once' }).waitFor();
      const area = await page.locator('.threshold-area').boundingBox();
      const handle = await grip.boundingBox();
      if (area === null || handle === null) throw new Error('no chart');
      const fromY = handle.y + handle.height / 2;
      await page.mouse.move(area.x + 40, fromY);
      await page.mouse.down();
      await page.mouse.move(area.x + 60, fromY + area.height / 4, { steps: 5 });
      await page.mouse.up();
      expect(Number(await grip.getAttribute('aria-valuenow'))).toBeLessThan(70);
      await words.filter({ hasText: /Would have fired [34] times/ }).waitFor();
      await page.getByRole('button', { name: 'As it is set' }).click();
      expect(await grip.getAttribute('aria-valuenow')).toBe('55');
    });

    test('a rule of a group is tried with its own expression, and the chart has a table twin', async () => {
      await open('/rules');
      const { page } = watched;
      await page.getByRole('combobox', { name: 'Rule' }).selectOption({ label: 'LagBehind' });
      await page.getByLabel('Threshold', { exact: true }).fill('12');
      await expect.poll(() => mock.changes.at(-1)).toContain(String.raw`"expr":"settlement_lag{job=\"market\"} > 12"`);
      await page.getByRole('button', { name: 'LagBehind as a table' }).click();
      const rows = page.getByRole('region', { name: 'LagBehind: table' }).getByRole('row');
      await expect.poll(() => rows.count()).toBeGreaterThan(20);
    });
  });

  describe('limits by severity', () => {
    test('a rule with several says them, and each can be tried', async () => {
      await open('/rules');
      const { page } = watched;
      await page.getByRole('button', { name: 'Hot', exact: true }).click();
      await page.getByText('above 90, ends back across 80').waitFor();
      await page.getByRole('combobox', { name: 'Rule' }).selectOption({ label: 'Hot' });
      await page.getByLabel('Threshold, critical', { exact: true }).fill('95');
      await expect.poll(() => mock.changes.at(-1)).toContain('"critical":{"fire":95,"clear":85}');
    });
  });

  describe('delivery', () => {
    test('a test tells its outcome, and what was given up is sent again', async () => {
      await open('/delivery');
      const { page } = watched;
      await page.getByRole('button', { name: 'Send a test to chat' }).click();
      await page.getByText('connect ECONNREFUSED').waitFor();
      await page.getByText('1 message given up').waitFor();
      await page.getByText('Given up', { exact: true }).first().click();
      await page.getByText('last error: HTTP 404').waitFor();
      await page.getByRole('button', { name: 'Send again what was given up on pager' }).click();
      await page.getByText('Put 1 messages back in line').waitFor();
      await page.getByText('No delivery here').waitFor();
      expect(mock.changes.at(-1)).toContain('POST api/v1/alerting/channels/pager/replay');
    });

    test('the tree shows who would hear of labels', async () => {
      await open('/delivery');
      const { page } = watched;
      const routes = page.getByRole('region', { name: 'Routes' });
      await routes.getByRole('button', { name: 'Ask' }).click();
      await routes.getByText('web-team: chat, pager').waitFor();
      expect(await routes.locator('.route-taken').innerText()).toContain('severity=~"critical|high"');
      await routes.getByLabel('Label 1: value').fill('low');
      await page.keyboard.press('Enter');
      await routes.getByText('inbox: inbox').waitFor();
    });

    test('each ladder shows whence it is, its steps or why it has none, and who climbs it', async () => {
      await open('/delivery');
      const ladders = watched.page.getByRole('region', { name: 'Escalation' }).locator('.channel');
      await ladders.nth(2).waitFor();
      const [payments = '', usual = '', paper = ''] = await ladders.allInnerTexts();
      expect(payments).toMatch(/payments\s+Over the API[^]*team="payments"[^]*after 1 min to pager/);
      expect(usual).toMatch(/default\s+From the file[^]*after 5 min to the channels of the alert\s+after 15 min to pager/);
      expect(paper).toMatch(/paper\s+Over the API\s+Not at work as saved Step 1 names no channel/);
      await watched.page.getByText('Step 1 of 2 of default').waitFor();
    });

    test('a channel and a route that are not at work say why, and the channel has no test', async () => {
      await open('/delivery');
      const { page } = watched;
      const channels = page.getByRole('region', { name: 'Channels' });
      const shadowed = channels.locator('.channel').filter({ hasText: 'The file has a channel of this name' });
      await shadowed.getByText('Over the API').waitFor();
      expect(await shadowed.getByRole('button').count()).toBe(0);
      expect(await channels.getByRole('button', { name: 'Send a test to inbox' }).count()).toBe(1);
      const unfit = page.getByRole('region', { name: 'Routes' }).locator('.channel');
      expect(await unfit.innerText()).toMatch(/Route to fax\s+Over the API\s+Not at work as saved There is no channel "fax"/);
    });
  });

  describe.each(['light', 'dark'] as const)('in %s, narrow and wide', (colorScheme) => {
    test.each(PARTS)('axe finds nothing in alerting%s with everything open', async (part) => {
      await open(part, { mock: { storm: 30 }, context: { colorScheme } });
      const { page, complaints } = watched;
      await page.getByText(READY[part]).first().waitFor();
      await unfold(part);
      await inEachWidth(async () => {
        expect(await axeViolations(page)).toEqual([]);
        expect(await overflow(page)).toBe(0);
      });
      expect(complaints).toEqual([]);
    });

    test.each(PARTS)('axe finds nothing in alerting%s of a server where nothing is set up yet', async (part) => {
      await open(part, { mock: { mood: 'calm', isBare: true }, context: { colorScheme } });
      const { page, complaints } = watched;
      await page.getByText(BARE_READY[part]).first().waitFor();
      await inEachWidth(async () => expect(await axeViolations(page)).toEqual([]));
      expect(complaints).toEqual([]);
    });
  });

  test('a lost server is told in every part, and what was there stays', async () => {
    await open('/delivery');
    const { page } = watched;
    await page.getByText('attempts in a row failed').waitFor();
    await mock.stop();
    await page.getByRole('button', { name: 'Send a test to inbox' }).click();
    await page.getByText('The server cannot be reached').first().waitFor();
    expect(await page.getByText('attempts in a row failed').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
  });
});
