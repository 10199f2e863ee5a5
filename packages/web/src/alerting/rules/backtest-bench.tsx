import { useSignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Backtest, MatrixSeries } from '@bellwether/server/api';
import type { ChartTableProps } from '../../charts/chart-table.tsx';
import { lineSentence } from '../../charts/chart-words.ts';
import { useDashboard } from '../../state/context.ts';
import { Icon } from '../../ui/icon.tsx';
import { Later } from '../../ui/later.tsx';
import { Loading } from '../../ui/blank.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { Problem } from '../problem.tsx';
import { BacktestResult, type Outcome } from './backtest-result.tsx';
import { ThresholdChart } from './threshold-chart.tsx';
import type { ThresholdRule } from './threshold-rule.ts';

const loadTable = (): Promise<ComponentType<ChartTableProps>> =>
  import('../../charts/chart-table.tsx').then(({ ChartTable }) => ChartTable);

/** Points of the chart. */
const POINTS = 288;
/** Evaluations of a back-test: enough for a day by the half minute, and answered while the line is still held. */
const MOST_EVALUATIONS = 2880;
/** Time between the last move of the line and the question. */
const SETTLE_MS = 250;
/** The oldest history is asked for again after this. */
const CHART_REFRESH_MS = 120_000;

export interface BacktestBenchProps {
  readonly rule: ThresholdRule;
  readonly windowSeconds: number;
}

/** The newest outcome of the rule with these limits; while the next one is on its way the one before stays. */
function useBacktest({ rule, windowSeconds }: BacktestBenchProps, limits: readonly number[]): Outcome {
  const api = useAlertingApi();
  const { frame } = useDashboard();
  const result = useSignal<Backtest | undefined>(undefined);
  const problem = useSignal('');
  const isRunning = useSignal(true);
  useEffect(() => {
    let isCurrent = true;
    isRunning.value = true;
    const interval = Math.max(frame.peek()?.health.monitoring.interval ?? 1, Math.ceil(windowSeconds / MOST_EVALUATIONS));
    const body = { ...rule.body(limits), from: `${windowSeconds}s`, interval: `${interval}s` };
    const settle = (change: () => void): void => {
      if (!isCurrent) return;
      change();
      isRunning.value = false;
    };
    const ask = (): void =>
      void api.backtest(body).then(
        (answer) => settle(() => ((result.value = answer), (problem.value = ''))),
        (error: Error) => settle(() => (problem.value = error.message)),
      );
    const timer = setTimeout(ask, SETTLE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [limits.join()]);
  return { result: result.value, problem: problem.value, isRunning: isRunning.value };
}

function pointsOf(series: readonly MatrixSeries[]): readonly (readonly [number, number])[] {
  return (series[0]?.values ?? []).map(([at, text]) => [at, Number(text)] as const).filter(([, value]) => Number.isFinite(value));
}

interface LimitFieldsProps {
  readonly rule: ThresholdRule;
  readonly limits: readonly number[];
  readonly onMove: (limits: readonly number[]) => void;
}

function LimitFields({ rule, limits, onMove }: LimitFieldsProps): JSX.Element {
  const original = rule.limits.map(({ value }) => value);
  return (
    <>
      {rule.limits.map(({ key }, index) => (
        <label key={key} class="field">
          {key === '' ? 'Threshold' : `Threshold, ${key}`}
          <input
            type="number"
            step="any"
            value={limits[index]}
            onInput={({ currentTarget: { valueAsNumber } }) => {
              if (Number.isFinite(valueAsNumber)) onMove(limits.with(index, valueAsNumber));
            }}
          />
        </label>
      ))}
      <button type="button" disabled={limits.join() === original.join()} onClick={() => onMove(original)}>
        As it is set
      </button>
    </>
  );
}

/** The metric's points over the window; `undefined` until they are there. */
function usePoints({ rule, windowSeconds }: BacktestBenchProps) {
  const { api } = useDashboard();
  const stepSeconds = Math.ceil(windowSeconds / POINTS);
  const load = (): Promise<readonly MatrixSeries[]> => {
    const toSeconds = Math.floor(Date.now() / 1000);
    return api.queryRange(rule.expression(stepSeconds), { fromSeconds: toSeconds - windowSeconds, toSeconds, stepSeconds });
  };
  const { value, problem } = useFetched(load, '', CHART_REFRESH_MS);
  return { points: value === undefined ? undefined : pointsOf(value), problem };
}

/** A metric over time with its thresholds as lines to be moved, and what the rule would have done with them. */
export function BacktestBench({ rule, windowSeconds }: BacktestBenchProps): JSX.Element {
  const { frame } = useDashboard();
  const limits = useSignal<readonly number[]>(rule.limits.map(({ value }) => value));
  const showsTable = useSignal(false);
  const { points, problem } = usePoints({ rule, windowSeconds });
  const outcome = useBacktest({ rule, windowSeconds }, limits.value);
  const unit = frame.value?.summary[rule.name]?.unit ?? '';
  const values = points?.map(([, value]) => value) ?? [];
  const move = (moved: readonly number[]): void => void (limits.value = moved);
  const lines = [{ name: rule.name, title: rule.name, unit, values }];
  const hasPoints = points !== undefined && points.length > 0;
  return (
    <div class="bench">
      <Problem text={problem} />
      {points === undefined && problem === '' && <Loading lines={5} label="Loading the metric’s history" />}
      {points?.length === 0 && <p class="plot-blank">No stored values in this time.</p>}
      {hasPoints && !showsTable.value && (
        <ThresholdChart rule={rule} unit={unit} points={points} windowSeconds={windowSeconds} limits={limits.value} onMove={move} />
      )}
      {hasPoints && showsTable.value && (
        <Later load={loadTable} props={{ title: rule.name, timesSeconds: points.map(([at]) => at), lines }} />
      )}
      <p class="sr-only">{lineSentence(rule.name, values, unit)}</p>
      <div class="row">
        <LimitFields rule={rule} limits={limits.value} onMove={move} />
        {hasPoints && (
          <button type="button" class="quiet" aria-pressed={showsTable.value} onClick={() => (showsTable.value = !showsTable.value)}>
            <Icon name={showsTable.value ? 'line' : 'table'} />
            <span class="sr-only">{`${rule.name} as a table`}</span>
          </button>
        )}
      </div>
      <BacktestResult outcome={outcome} name={rule.name} />
    </div>
  );
}
