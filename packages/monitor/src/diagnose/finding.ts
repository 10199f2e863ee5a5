import type { Labels } from '../model/labels.ts';
import type { Severity } from '../model/severity.ts';

/** One measured statement; `expression` is the PromQL that shows it and `value` what it gave, in `unit`. */
export interface Fact {
  readonly statement: string;
  readonly expression?: string;
  readonly value?: number;
  readonly unit?: string;
}

interface FindingOf<Kind extends string, Detail> {
  readonly kind: Kind;
  /** Which route, statement, cache, host, volume or process it is about, in words a reader of the code recognises. */
  readonly resource: string;
  /** Whose it is: `instance` and `job`; empty for the own process. */
  readonly labels: Labels;
  readonly severity: Severity;
  readonly facts: readonly Fact[];
  readonly detail: Readonly<Detail>;
}

/** `ownShareRatio`: how much of the load is this process's own, 0 to 1. */
export type HighCpu = FindingOf<'high-cpu', { cpuPercent: number; ownShareRatio: number | undefined }>;
export type HighMemory = FindingOf<'high-memory', { usedPercent: number; limitPercent: number }>;
export type HeapGrowth = FindingOf<
  'heap-growth',
  { usedBytes: number; limitBytes: number; bytesPerSecond: number; secondsToLimit: number }
>;
export type DiskFilling = FindingOf<
  'disk-filling',
  { mount: string; usedPercent: number; bytesPerSecond: number; secondsToFull: number | undefined }
>;
export type SlowRoute = FindingOf<
  'slow-route',
  { method: string; route: string; meanMs: number; p95Ms: number | undefined; limitMs: number; shareOfTimeRatio: number }
>;
/** `scan`: it is a single SELECT that dominates the database's time, which is what a missing index looks like from outside. */
export type SlowStatement = FindingOf<
  'slow-statement',
  {
    query: string;
    operation: string;
    meanMs: number;
    callsPerSecond: number;
    shareOfDatabaseRatio: number;
    shareOfRoutesRatio: number;
    scan: boolean;
    /** The route that seems to run it. */
    route: string | undefined;
  }
>;
export type NPlusOne = FindingOf<
  'n-plus-one',
  { query: string; callsPerRequest: number; callsPerSecond: number; meanMs: number; shareOfRoutesRatio: number; route: string | undefined }
>;
export type BlockedLoop = FindingOf<
  'blocked-loop',
  { delayP99Ms: number; utilizationRatio: number; processPercent: number | undefined; route: string | undefined }
>;
export type LowHitRate = FindingOf<
  'low-hit-rate',
  { cache: string; hitRatio: number; wantedRatio: number; tooSmall: boolean; maxEntries: number | undefined; evictionsPerMissRatio: number }
>;
export type CacheStampede = FindingOf<'cache-stampede', { cache: string; repeatedRatio: number; loadsPerSecond: number }>;
export type ErrorBurst = FindingOf<
  'error-burst',
  { method: string; route: string; errorRatio: number; errorsPerSecond: number; shareOfErrorsRatio: number }
>;
export type SlowHost = FindingOf<
  'slow-host',
  { host: string; meanMs: number; p95Ms: number | undefined; callsPerSecond: number; shareOfRoutesRatio: number }
>;

/** A bottleneck as a detector sees it, before anybody says what to do about it. */
export type Finding =
  | HighCpu
  | HighMemory
  | HeapGrowth
  | DiskFilling
  | SlowRoute
  | SlowStatement
  | NPlusOne
  | BlockedLoop
  | LowHitRate
  | CacheStampede
  | ErrorBurst
  | SlowHost;
export type FindingKind = Finding['kind'];
/** The finding of one kind. */
export type FindingOfKind<Kind extends FindingKind> = Extract<Finding, { kind: Kind }>;
