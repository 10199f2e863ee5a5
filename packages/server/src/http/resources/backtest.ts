import { backtest, ruleOf, ruleOfThreshold } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { backtestView } from '../backtest-view.ts';
import { durationParameter, parseDurationMs, timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { backtestSchema } from '../schemas.ts';
import { strictObject } from '../validate.ts';

const DAY_MS = 86_400_000;
const LONGEST_MS = 400 * DAY_MS;

/** An instant, or how long ago: `7d`. */
function instant(name: string, value: string | undefined, nowMs: number, fallbackMs: number): number {
  const agoMs = value === undefined || /^\d+(?:\.\d+)?$/.test(value) ? undefined : parseDurationMs(value);
  return agoMs === undefined ? timeParameter(name, value, fallbackMs) : nowMs - agoMs;
}

const limit = z.union([z.number(), strictObject({ warning: z.number(), critical: z.number() })]);

export const backtestRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/alerting/backtest',
    tag: 'Alert rules',
    summary: 'What a rule or threshold would have done over stored history',
    description:
      'Give `rule` as a rule file has it, or `metric` and `threshold`. `from` and `to` are instants, or durations back from now such as `7d`. ' +
      'At most 11,000 evaluations and 10 s.',
    scope: 'read',
    body: strictObject({
      rule: z.record(z.string(), z.unknown()).optional(),
      metric: z.string().max(500).optional(),
      threshold: limit.optional(),
      from: z.string().default('1d'),
      to: z.string().optional(),
      interval: z.string().optional(),
    }),
    answer: backtestSchema,
    handle: async ({ body }, { engine, limits }) => {
      const nowMs = engine.clock.nowMs();
      const { rule, metric, threshold } = body;
      const intervalMs = body.interval === undefined ? engine.collection.intervalMs : durationParameter('interval', body.interval);
      if ((rule === undefined) === (metric === undefined || threshold === undefined))
        throw new ApiProblem('body_invalid', 'Give either rule, or metric and threshold');
      const fromMs = instant('from', body.from, nowMs, nowMs - DAY_MS);
      const toMs = instant('to', body.to, nowMs, nowMs);
      if (!(fromMs < toMs) || toMs - fromMs > LONGEST_MS)
        throw new ApiProblem('body_invalid', 'from: must be before to, and at most 400 days before it');
      const tested = rule === undefined ? ruleOfThreshold(metric ?? '', threshold ?? 0, intervalMs) : ruleOf(rule);
      return backtestView(
        await backtest(engine.query, tested, { fromMs, toMs, intervalMs, timeoutMs: Math.min(10_000, limits.queryTimeoutMs) }),
      );
    },
  }),
];
