/**
 * The cache beside its rivals, in one run, in CPU time. `--json`: one line a row. `--small`: 100k entries only. `--only=NAME,…`: some of the sections
 * reads, writes, loads, tags, curve, expiry, memory.
 */
import { curveCost } from './curve-cost.ts';
import { expiry } from './expiry.ts';
import { staleLoads, tagInvalidation } from './invalidation.ts';
import { loads } from './loads.ts';
import { memory } from './memory.ts';
import { reads, taggedReads } from './reads.ts';
import { Report } from './report.ts';
import { writes } from './writes.ts';

const report = new Report();
const sizes = process.argv.includes('--small') ? [100_000] : [100_000, 1_000_000];
const largest = sizes.at(-1) ?? 100_000;
const sections: Readonly<Record<string, () => unknown>> = {
  reads: () => sizes.forEach((size) => reads(report, size)),
  writes: () => sizes.forEach((size) => writes(report, size)),
  loads: () => loads(report),
  tags: async () => {
    taggedReads(report);
    await tagInvalidation(report);
    await staleLoads(report);
  },
  curve: async () => {
    await curveCost(report, 2000);
    await curveCost(report, 100_000);
  },
  expiry: () => expiry(report, largest),
  memory: () => memory(report, largest),
};
const only = process.argv
  .find((argument) => argument.startsWith('--only='))
  ?.slice(7)
  .split(',');
for (const name of only ?? Object.keys(sections)) {
  const section = sections[name];
  if (section === undefined) throw new Error(`There is no section ${name}; there are ${Object.keys(sections).join(', ')}.`);
  globalThis.gc?.();
  await section();
}
report.end();
// Some rivals keep timers that would hold the process.
process.exit(0);
