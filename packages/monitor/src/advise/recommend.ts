import { createHash } from 'node:crypto';
import type { Finding, FindingKind, FindingOfKind } from '../diagnose/finding.ts';
import { seriesKey } from '../model/labels.ts';
import { adviseLowHitRate, adviseStampede } from './advise-cache.ts';
import { adviseNPlusOne, adviseSlowStatement } from './advise-database.ts';
import { adviseDisk, adviseHeapGrowth, adviseHighCpu, adviseHighMemory } from './advise-host.ts';
import { adviseBlockedLoop, adviseErrorBurst, adviseSlowHost, adviseSlowRoute } from './advise-request.ts';
import type { Advice } from './advice.ts';
import type { Recommendation } from './advisor.ts';

/** Advice that promises less than this at its cautious end is not worth anybody's time. */
const LEAST_GAIN_PERCENT = 3;

const ADVICE: { readonly [Kind in FindingKind]: (finding: FindingOfKind<Kind>) => Advice } = {
  'high-cpu': adviseHighCpu,
  'high-memory': adviseHighMemory,
  'heap-growth': adviseHeapGrowth,
  'disk-filling': adviseDisk,
  'slow-route': adviseSlowRoute,
  'slow-statement': adviseSlowStatement,
  'n-plus-one': adviseNPlusOne,
  'blocked-loop': adviseBlockedLoop,
  'low-hit-rate': adviseLowHitRate,
  'cache-stampede': adviseStampede,
  'error-burst': adviseErrorBurst,
  'slow-host': adviseSlowHost,
};

/** What to do about a finding; `undefined` when too little is to be gained. @param createdAtMs when its evidence was first seen. */
export function recommend(finding: Finding, createdAtMs: number): Recommendation | undefined {
  const advise = ADVICE[finding.kind] as (finding: Finding) => Advice;
  const advice = advise(finding);
  if (advice.gain !== undefined && advice.gain.lowerPercent < LEAST_GAIN_PERCENT) return undefined;
  return {
    ...advice,
    id: recommendationId(finding),
    priority: finding.severity,
    resource: finding.resource,
    evidence: finding.facts,
    labels: finding.labels,
    createdAtMs,
  };
}

/** The same for the same problem of the same resource, on every run and every server. 16 hexadecimal digits. */
export function recommendationId({ kind, resource, labels }: Pick<Finding, 'kind' | 'resource' | 'labels'>): string {
  return createHash('sha256')
    .update(`${kind}\0${resource}\0${seriesKey('', labels)}`)
    .digest('hex')
    .slice(0, 16);
}
