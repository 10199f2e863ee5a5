import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { serverSettings } from './settings.ts';

const URLS = { BELLWETHER_STORE_URL: 'http://engine:8428', BELLWETHER_STATE_URL: 'postgresql://db/state' };

test('a server that may be one of several is told to label its own metrics, until it does', () => {
  expect(serverSettings(URLS).notices).toEqual([expect.stringContaining('external_labels')]);
  expect(serverSettings({ BELLWETHER_STORE_URL: URLS.BELLWETHER_STORE_URL }).notices).toEqual([]);
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
  const file = path.join(folder, 'server.json');
  writeFileSync(file, '{"external_labels": {"server": "a"}}');
  expect(serverSettings({ ...URLS, BELLWETHER_CONFIG: file }).notices).toEqual([]);
  rmSync(folder, { recursive: true });
});
