import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { openEmbeddedStore } from '../../store/embedded-store.ts';
import { createQueryEngine } from '../create-query-engine.ts';
import { parseTestScript } from '../test-language/parse-test-script.ts';
import { runTestScript } from '../test-language/run-test-script.ts';
import { StoreBench } from '../test-language/store-bench.ts';
import { PrometheusBench } from '../testing/prometheus-bench.ts';
import { findPrometheus } from '../testing/prometheus-oracle.ts';

const folder = new URL('.', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.test'));

test.each(names)('%s: every expression gives what the file says', async (name) => {
  const clock = new FakeClock(0);
  await using bench = new StoreBench(() => {
    const store = openEmbeddedStore({ path: ':memory:', clock, log: silentLogger });
    return { store, query: createQueryEngine({ store, clock }) };
  });
  const commands = parseTestScript(readFileSync(new URL(name, folder), 'utf8'));
  expect(commands.some(({ kind }) => kind === 'eval')).toBe(true);
  expect(await runTestScript(commands, bench)).toEqual([]);
});

const binary = findPrometheus(3);
if (binary === undefined) console.warn('SKIPPED: no Prometheus 3 to run our cases on. Set BELLWETHER_PROMETHEUS to its binary.');

test.skipIf(binary === undefined).each(names)('model: %s says what a real Prometheus 3 says', async (name) => {
  await using bench = await PrometheusBench.start(binary as string);
  expect(await runTestScript(parseTestScript(readFileSync(new URL(name, folder), 'utf8')), bench)).toEqual([]);
});
