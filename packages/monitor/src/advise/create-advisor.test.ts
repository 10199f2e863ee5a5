import { describe, expect, it } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { Labels } from '../model/labels.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { DEFAULT_THRESHOLDS } from '../rules/thresholds.ts';
import type { Advisor } from './advisor.ts';
import { createAdvisor } from './create-advisor.ts';

type Row = readonly [value: number, labels?: Labels];

/** Answers an expression with the rows of the first pattern it contains; everything else has no series. */
class CannedQueries implements Pick<QueryEngine, 'instant' | 'range'> {
  readonly asked: string[] = [];
  rows: Record<string, readonly Row[]> = {};
  failing: string | undefined;

  instant: QueryEngine['instant'] = async (expression, atMs) => {
    this.asked.push(expression);
    if (this.failing !== undefined && expression.includes(this.failing)) throw new Error('too large');
    const pattern = Object.keys(this.rows).find((text) => expression.includes(text));
    const samples = (pattern === undefined ? [] : (this.rows[pattern] ?? [])).map(([value, labels = {}]) => ({ labels, atMs, value }));
    return { value: { type: 'vector', samples }, warnings: [], infos: [] };
  };
  range: QueryEngine['range'] = async () => ({ value: { type: 'matrix', series: [] }, warnings: [], infos: [] });
}

function setUp(): { clock: FakeClock; queries: CannedQueries; advisor: Advisor; look: () => Promise<void> } {
  const clock = new FakeClock();
  const queries = new CannedQueries();
  const query = queries as unknown as QueryEngine;
  const advisor = createAdvisor({ query, clock, log: silentLogger, intervalMs: 5000, thresholds: () => DEFAULT_THRESHOLDS });
  const look = async (): Promise<void> => {
    await clock.advance(5000);
    await advisor.evaluate(clock.nowMs());
  };
  return { clock, queries, advisor, look };
}

const PRESENT = { count_over_time: [[20, {}]] } as const;
const BUSY = { ...PRESENT, 'quantile_over_time(0.5, cpu_usage': [[95, {}]] } as const;

describe('the advisor', () => {
  it('says nothing before it looked, and nothing without series', async () => {
    const { advisor, look } = setUp();
    expect(advisor.active()).toEqual([]);
    await look();
    expect(advisor.active()).toEqual([]);
  });

  it('asks only databases with plans and indexes for slow statements', async () => {
    const { queries, look } = setUp();
    queries.rows = PRESENT;
    await look();
    const asked = queries.asked.filter((expression) => expression.includes('database_query_time'));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every((expression) => expression.includes('{system!~"redis|mongodb"}'))).toBe(true);
  });

  it('keeps id and creation time while the evidence lasts, and forgets both with it', async () => {
    const { advisor, queries, look, clock } = setUp();
    queries.rows = BUSY;
    await look();
    const [first] = advisor.active();
    expect(first).toMatchObject({ category: 'cpu', priority: 'critical', createdAtMs: clock.nowMs() });
    await look();
    expect(advisor.active()).toMatchObject([{ id: first?.id, createdAtMs: first?.createdAtMs }]);
    queries.rows = PRESENT;
    await look();
    expect(advisor.active()).toEqual([]);
    queries.rows = BUSY;
    await look();
    expect(advisor.active()).toMatchObject([{ id: first?.id, createdAtMs: clock.nowMs() }]);
  });

  it('tells instances apart by instance and job', async () => {
    const { advisor, queries, look } = setUp();
    const there = { instance: 'web-1', job: 'market' };
    queries.rows = { count_over_time: [[20], [20, there]], 'quantile_over_time(0.5, cpu_usage': [[20], [95, there]] };
    await look();
    expect(advisor.active()).toMatchObject([{ labels: there, resource: 'web-1' }]);
  });

  it('reads each instance over a window that suits its pace', async () => {
    const { queries, look } = setUp();
    queries.rows = { '[20s]': [[1]], '[10s]': [[1]], count_over_time: [[4]] };
    await look();
    expect(queries.asked.some((expression) => expression.includes('quantile_over_time(0.5, cpu_usage[60s])'))).toBe(true);
    expect(queries.asked.some((expression) => expression.includes('quantile_over_time(0.5, cpu_usage[20s])'))).toBe(false);
  });

  it('drops an instance that fell silent instead of looking further back', async () => {
    const { queries, look, advisor } = setUp();
    queries.rows = { '[20s]': [[2]], '[10s]': [], count_over_time: [[50]], 'quantile_over_time(0.5, cpu_usage': [[95]] };
    await look();
    expect(advisor.active()).toEqual([]);
  });

  it('one unanswerable expression does not hide the rest', async () => {
    const { queries, look, advisor } = setUp();
    queries.rows = BUSY;
    queries.failing = 'http_client_time';
    await look();
    expect(advisor.active()).toHaveLength(1);
  });

  it('does not look again before its pause is over', async () => {
    const { queries, look, advisor, clock } = setUp();
    queries.rows = BUSY;
    await look();
    const asked = queries.asked.length;
    await clock.advance(1000);
    await advisor.evaluate(clock.nowMs());
    expect(queries.asked).toHaveLength(asked);
  });

  it('sorts by priority', async () => {
    const { queries, look, advisor } = setUp();
    queries.rows = { ...PRESENT, 'quantile_over_time(0.5, cpu_usage': [[75]], 'quantile_over_time(0.5, memory_usage': [[97]] };
    await look();
    expect(advisor.active().map(({ category, priority }) => [category, priority])).toEqual([
      ['memory', 'critical'],
      ['cpu', 'high'],
    ]);
  });
});
