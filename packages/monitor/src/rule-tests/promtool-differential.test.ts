import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { randomCase } from './random-rules.ts';
import { runRuleTests } from './run-tests.ts';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const SEEDS = Number(process.env['PROMTOOL_SEEDS'] ?? 40);
const FIRST = Number(process.env['PROMTOOL_FIRST_SEED'] ?? 1);

const folder = mkdtempSync(path.join(tmpdir(), 'promtool-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What both tell, without what decision 31 explains: the words of a query's or template's error, and where blank lines go. */
function normalised(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(/<error expanding template:[^>]*>/g, '<error>')
        .replace(/^(rule: .*, time: (?:\d+m|0s))(?:0s)?, err:.*/, '$1'),
    )
    .filter((line) => line !== '' && line !== 'FAILED:');
}

async function both(
  seed: number,
): Promise<{ readonly ours: readonly string[]; readonly theirs: readonly string[]; readonly rules: string }> {
  const { rules, tests } = randomCase(new FakeClock(0, seed));
  const file = path.join(folder, 'tests.yml');
  writeFileSync(path.join(folder, 'rules.yml'), rules);
  writeFileSync(file, tests);
  const { stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  return { ours: normalised((await runRuleTests(file)).join('\n')), theirs: normalised(stderr), rules };
}

test.skipIf(!hasPromtool)('model: random rule files fare as under promtool', { timeout: 600_000 }, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const { ours, theirs, rules } = await both(seed);
    expect(ours, `seed ${seed}\n${rules}`).toEqual(theirs);
  }
});
