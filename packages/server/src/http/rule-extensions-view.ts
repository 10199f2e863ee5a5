import type { AlertingRule } from '@bellwether/monitor/engine';

type Extensions = AlertingRule['extensions'];
type View = Readonly<Record<string, unknown>>;

const seconds = (ms: number): string => `${ms / 1000}s`;

/** What `x_bellwether` makes of a rule in its environment, in the form of a rule file; `undefined` when the rule is Prometheus's own. */
export function ruleExtensionsView({ levels, dynamic, noData, missingSeriesMs, error }: Extensions): View | undefined {
  const judged: View = {
    ...(levels === undefined
      ? {}
      : { thresholds: Object.fromEntries(levels.levels.map(({ severity, fire, clear }) => [severity, { fire, clear }])) }),
    ...(dynamic === undefined ? {} : dynamicView(dynamic)),
    ...(levels === undefined ? {} : { direction: levels.direction }),
  };
  const isJudged = levels !== undefined || dynamic !== undefined;
  const view: View = {
    ...judged,
    ...(isJudged && noData.policy !== 'resolve'
      ? { no_data: { ...noData, ...(missingSeriesMs === undefined ? {} : { missing_series: seconds(missingSeriesMs) }) } }
      : {}),
    ...(error.policy === 'keep' ? {} : { error }),
  };
  return Object.keys(view).length === 0 ? undefined : view;
}

function dynamicView({ deviations, windowMs, minimum, severity, direction }: NonNullable<Extensions['dynamic']>): View {
  return { dynamic: { deviations, window: seconds(windowMs), minimum }, severity, direction };
}
