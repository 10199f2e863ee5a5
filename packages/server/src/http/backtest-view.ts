import type { Backtest as EngineBacktest } from '@bellwether/monitor/engine';
import type { Backtest } from '../api-types.ts';
import { isoTime, isoTimeOrNull } from './time-view.ts';

export function backtestView(result: EngineBacktest): Backtest {
  return {
    from: isoTime(result.fromMs),
    to: isoTime(result.toMs),
    interval_seconds: result.intervalMs / 1000,
    evaluations: result.evaluations,
    series: result.series,
    fired: result.fired,
    pending_only: result.pendingOnly,
    flaps: result.flaps,
    firing_seconds: result.firingMs / 1000,
    longest_seconds: result.longestMs / 1000,
    firing_percent: Math.round(result.firingRatio * 1000) / 10,
    firings: result.firings.map((firing) => ({
      labels: firing.labels,
      severity: firing.severity,
      fired_at: isoTime(firing.firedAtMs),
      resolved_at: isoTimeOrNull(firing.resolvedAtMs),
      peak: Number.isFinite(firing.peak) ? firing.peak : null,
    })),
    notes: result.notes,
  };
}
