import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Blank, Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { useAlertingApi, type AlertingApi } from '../alerting-api.ts';
import { Choice } from '../choice.tsx';
import { Problem } from '../problem.tsx';
import { BacktestBench } from './backtest-bench.tsx';
import { ruleOfThreshold, thresholdRuleOf, type ThresholdRule } from './threshold-rule.ts';

const HOUR_SECONDS = 3600;
const WINDOWS = [
  ['1h', '1 h', HOUR_SECONDS],
  ['24h', '24 h', 24 * HOUR_SECONDS],
  ['7d', '7 days', 168 * HOUR_SECONDS],
] as const;

/** Everything whose threshold can be moved, thresholds first. */
async function testable(api: AlertingApi): Promise<readonly ThresholdRule[]> {
  const [thresholds, groups] = await Promise.all([api.thresholds(), api.ruleGroups()]);
  const rules = groups.flatMap((group) => group.rules.flatMap((rule) => thresholdRuleOf(rule) ?? []));
  return [...Object.entries(thresholds).map(([metric, threshold]) => ruleOfThreshold(metric, threshold)), ...rules];
}

interface ChosenRuleProps {
  readonly rules: readonly ThresholdRule[];
  readonly windowSeconds: number;
}

/** One of the rules, the first one while none was chosen. */
function ChosenRule({ rules, windowSeconds }: ChosenRuleProps): JSX.Element | null {
  /** Id of the rule. */
  const tried = useSignal('');
  const rule = rules.find(({ id }) => id === tried.value) ?? rules[0];
  if (rule === undefined) return null;
  return (
    <>
      <label class="field">
        Rule
        <select value={rule.id} onChange={(event) => (tried.value = event.currentTarget.value)}>
          {rules.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <BacktestBench key={`${rule.id} ${windowSeconds}`} rule={rule} windowSeconds={windowSeconds} />
    </>
  );
}

/** Choose a rule with a threshold and see what another one would have done over stored history. */
export function Backtest(): JSX.Element {
  const api = useAlertingApi();
  const { value, problem } = useFetched(() => testable(api), '', 120_000);
  const window = useSignal<(typeof WINDOWS)[number][0]>('1h');
  const windowSeconds = WINDOWS.find(([key]) => key === window.value)?.[2] ?? HOUR_SECONDS;
  return (
    <Card
      id="backtest"
      title="Try another threshold"
      aside={
        <Choice
          legend="Over how long"
          name="backtest-window"
          options={WINDOWS.map(([key, title]) => [key, title] as const)}
          chosen={window.value}
          onChoose={(key) => (window.value = key)}
        />
      }
    >
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={4} label="Loading rules with a threshold" />}
      {value?.length === 0 && (
        <Blank icon="line" title="No rule with a threshold">
          A threshold, or a rule such as <code>queue_length &gt; 100</code>, can be tried out here.
        </Blank>
      )}
      {value !== undefined && <ChosenRule rules={value} windowSeconds={windowSeconds} />}
    </Card>
  );
}
