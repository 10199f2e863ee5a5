import { useSignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Backtest, MatrixSeries } from '@bellwether/server/api';
import type { ChartTableProps } from '../../charts/chart-table.tsx';
import { lineSentence } from '../../charts/chart-words.ts';
import { dateTimeText, durationText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Icon } from '../../ui/icon.tsx';
import { Later } from '../../ui/later.tsx';
import { Loading } from '../../ui/blank.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { Problem } from '../problem.tsx';
import { backtestWords } from './backtest-words.ts';
import { FiringStrip } from './firing-strip.tsx';
import { firingStretches } from './firing-stretches.ts';
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
function useBacktest({ rule, windowSeconds }: BacktestBenchProps, limits: readonly number[]) {
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

function Result({ outcome, name }: { readonly outcome: ReturnType<typeof useBacktest>; readonly name: string }): JSX.Element {
  const { result, problem, isRunning } = outcome;
  const window = result === undefined ? undefined : ([Date.parse(result.from), Date.parse(result.to)] as const);
  return (
    <>
      <Problem text={problem} />
      <p role="status" class={`backtest-words ${isRunning ? 'backtest-running' : ''}`}>
        {problem === '' && (result === undefined ? 'Trying …' : backtestWords(result))}
      </p>
      {result?.notes.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
      {result !== undefined && window !== undefined && (
        <>
          <FiringStrip name={`${name}, tried,`} stretches={firingStretches(result.firings, window)} window={window} />
          <div class="strip-ends" aria-hidden="true">
            <span>{dateTimeText(window[0])}</span>
            <span>{dateTimeText(window[1])}</span>
          </div>
          {result.firings.length > 0 && <Firings result={result} />}
        </>
      )}
    </>
  );
}

const SHOWN = 20;

function Firings({ result }: { readonly result: Backtest }): JSX.Element {
  return (
    <details>
      <summary>The newest firings as a table</summary>
      <div class="scroll" role="region" aria-label="Firings tried" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Would have fired</th>
              <th scope="col">Lasted</th>
              <th scope="col">Severity</th>
            </tr>
          </thead>
          <tbody>
            {result.firings.slice(0, SHOWN).map(({ fired_at, resolved_at, severity, labels }) => (
              <tr key={`${fired_at} ${JSON.stringify(labels)}`}>
                <th scope="row">{dateTimeText(Date.parse(fired_at))}</th>
                <td>{resolved_at === null ? 'to the end' : durationText(Date.parse(resolved_at) - Date.parse(fired_at))}</td>
                <td>{severity}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** A metric over time with its thresholds as lines to be moved, and what the rule would have done with them. */
export function BacktestBench({ rule, windowSeconds }: BacktestBenchProps): JSX.Element {
  const { api, frame } = useDashboard();
  const original = rule.limits.map(({ value }) => value);
  const limits = useSignal<readonly number[]>(original);
  const showsTable = useSignal(false);
  const stepSeconds = Math.ceil(windowSeconds / POINTS);
  const load = (): Promise<readonly MatrixSeries[]> => {
    const toSeconds = Math.floor(Date.now() / 1000);
    return api.queryRange(rule.expression(stepSeconds), { fromSeconds: toSeconds - windowSeconds, toSeconds, stepSeconds });
  };
  const { value: series, problem } = useFetched(load, '', CHART_REFRESH_MS);
  const outcome = useBacktest({ rule, windowSeconds }, limits.value);
  const points = pointsOf(series ?? []);
  const unit = frame.value?.summary[rule.name]?.unit ?? '';
  const values = points.map(([, value]) => value);
  return (
    <div class="bench">
      <Problem text={problem} />
      {series === undefined && problem === '' && <Loading lines={5} label="Loading the metric’s history" />}
      {series !== undefined && points.length === 0 && <p class="plot-blank">No stored values in this time.</p>}
      {points.length > 0 && !showsTable.value && (
        <ThresholdChart
          rule={rule}
          unit={unit}
          points={points}
          windowSeconds={windowSeconds}
          limits={limits.value}
          onMove={(moved) => (limits.value = moved)}
        />
      )}
      {points.length > 0 && showsTable.value && (
        <Later
          load={loadTable}
          props={{
            title: rule.name,
            timesSeconds: points.map(([at]) => at),
            lines: [{ name: rule.name, title: rule.name, unit, values }],
          }}
        />
      )}
      <p class="sr-only">{lineSentence(rule.name, values, unit)}</p>
      <div class="row">
        {rule.limits.map(({ key }, index) => (
          <label key={key} class="field">
            {key === '' ? 'Threshold' : `Threshold, ${key}`}
            <input
              type="number"
              step="any"
              value={limits.value[index]}
              onInput={({ currentTarget: { valueAsNumber } }) => {
                if (Number.isFinite(valueAsNumber)) limits.value = limits.value.with(index, valueAsNumber);
              }}
            />
          </label>
        ))}
        <button type="button" disabled={limits.value.join() === original.join()} onClick={() => (limits.value = original)}>
          As it is set
        </button>
        {points.length > 0 && (
          <button type="button" class="quiet" aria-pressed={showsTable.value} onClick={() => (showsTable.value = !showsTable.value)}>
            <Icon name={showsTable.value ? 'line' : 'table'} />
            <span class="sr-only">{`${rule.name} as a table`}</span>
          </button>
        )}
      </div>
      <Result outcome={outcome} name={rule.name} />
    </div>
  );
}
