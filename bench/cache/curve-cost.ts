import path from 'node:path';
import { type EnhancedCache, createEnhancedCache } from '@bellwether/cache';
import { cpuNsInTurns, draw, flat, keyOf, sized } from './measure.ts';
import type { Report } from './report.ts';

/** Of 2,000 entries this is a whole cycle of the curve's stretches and rests. */
const READS = 1_024_000;
const KEYS_PER_ENTRY = 10;
const value = { id: 1 };

type CurveModule = typeof import('../../packages/cache/src/policy/miss-ratio-curve.ts');

/**
 * What the miss-ratio curve costs: the same reads, with a write on each miss, with the curve and without. Keys are asked for by Zipf's law. The curve cannot
 * be switched off, so the benchmark takes its work away from it. The small cache is past its first stretch, in which all its reads are simulated; the
 * large one is in it.
 */
export async function curveCost(report: Report, size: number): Promise<void> {
  const entry = import.meta.resolve('@bellwether/cache');
  const module = new URL(`policy/miss-ratio-curve${path.extname(entry)}`, entry);
  const { MissRatioCurve } = (await import(module.href)) as CurveModule;
  const { add } = MissRatioCurve.prototype;
  let isOn = true;
  MissRatioCurve.prototype.add = function (traffic): void {
    if (isOn) add.call(this, traffic);
  };
  const keys = Array.from({ length: size * KEYS_PER_ENTRY }, (_, number) => flat(keyOf(number)));
  const asked = draw(2 ** 24, READS).map((number) => Math.floor(keys.length ** (number / 2 ** 24)) - 1);
  using on = createEnhancedCache({ maxSize: size });
  using off = createEnhancedCache({ maxSize: size });
  const ask = (cache: EnhancedCache, isWith: boolean) => (): void => {
    isOn = isWith;
    for (const number of asked) {
      const key = keys[number] as string;
      if (cache.getSync(key) === undefined) cache.setSync(key, value);
    }
  };
  const runs = { on: ask(on, true), off: ask(off, false) };
  cpuNsInTurns(READS, 2, runs);
  const ns = cpuNsInTurns(READS, 9, runs);
  MissRatioCurve.prototype.add = add;
  report.add(`read through, with the miss-ratio curve, ${sized(size)}`, 'ns', ns.on, { 'ours, without': ns.off });
}
