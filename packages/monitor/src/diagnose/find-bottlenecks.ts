import type { Thresholds } from '../rules/thresholds.ts';
import { blockedLoop } from './blocked-loop.ts';
import { cacheStampedes } from './cache-stampede.ts';
import { fillingDisks } from './disk-filling.ts';
import { errorBursts } from './error-burst.ts';
import type { Finding } from './finding.ts';
import { heapGrowth } from './heap-growth.ts';
import { highCpu } from './high-cpu.ts';
import { highMemory } from './high-memory.ts';
import { lowHitRates } from './low-hit-rate.ts';
import { nPlusOnes } from './n-plus-one.ts';
import type { InstanceReading } from './reading.ts';
import { slowHosts } from './slow-host.ts';
import { slowRoutes } from './slow-route.ts';
import { slowStatements } from './slow-statement.ts';

/** Looks at one thing in one instance. Pure. */
type Detector = (reading: InstanceReading, thresholds: Thresholds) => readonly Finding[];

const DETECTORS: readonly Detector[] = [
  highCpu,
  highMemory,
  heapGrowth,
  fillingDisks,
  slowRoutes,
  slowStatements,
  nPlusOnes,
  blockedLoop,
  lowHitRates,
  cacheStampedes,
  errorBursts,
  slowHosts,
];

/** Everything that is wrong with one instance, in the order of the detectors. */
export function findBottlenecks(reading: InstanceReading, thresholds: Thresholds): readonly Finding[] {
  return DETECTORS.flatMap((detect) => detect(reading, thresholds));
}
