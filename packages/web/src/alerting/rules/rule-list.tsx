import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { AlertHistory, RuleGroup, Thresholds } from '@bellwether/server/api';
import { dateTimeText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Blank, Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAlertingApi, type AlertingApi } from '../alerting-api.ts';
import { Choice } from '../choice.tsx';
import { Problem } from '../problem.tsx';
import { RuleEntry } from './rule-entry.tsx';
import { ruleRows, type RuleRow } from './rule-rows.ts';

const SIZE = 20;
/** As many past alerts as the server gives at once. */
const RECORDS = 1000;
const HOUR_MS = 3_600_000;
const WINDOWS = [
  ['24h', '24 h', 24 * HOUR_MS],
  ['7d', '7 days', 168 * HOUR_MS],
] as const;
const STATES = [
  ['all', 'All'],
  ['firing', 'Firing'],
  ['error', 'Failing'],
] as const;

type StateChoice = (typeof STATES)[number][0];

/** What one refresh of the list brings. */
interface Answers {
  readonly groups: readonly RuleGroup[];
  readonly thresholds: Thresholds;
  /** The newest alerts, with means over all time. */
  readonly newest: AlertHistory;
  /** Means over the window. */
  readonly inWindow: AlertHistory;
  readonly window: readonly [startMs: number, endMs: number];
}

async function ask(api: AlertingApi, lengthMs: number): Promise<Answers> {
  const endMs = Date.now();
  const [groups, thresholds, newest, inWindow] = await Promise.all([
    api.ruleGroups(),
    api.thresholds(),
    api.history({ limit: RECORDS }),
    api.history({ from: new Date(endMs - lengthMs).toISOString(), limit: 1 }),
  ]);
  return { groups, thresholds, newest, inWindow, window: [endMs - lengthMs, endMs] };
}

/** When the records do not reach back to the window's start: since when they do. */
function recordsBeginAtMs({ newest, window: [startMs] }: Answers): number | undefined {
  const oldest = newest.alerts.at(-1);
  const oldestMs = oldest === undefined ? startMs : Date.parse(oldest.fired_at);
  return newest.count >= RECORDS && oldestMs > startMs ? oldestMs : undefined;
}

interface RowsProps {
  readonly rows: readonly RuleRow[];
  readonly answers: Answers;
}

function Rows({ rows, answers }: RowsProps): JSX.Element {
  const groups = [...Map.groupBy(rows, ({ group }) => group)];
  const [startMs, endMs] = answers.window;
  const beginMs = recordsBeginAtMs(answers);
  return (
    <>
      {beginMs !== undefined && (
        <p class="muted">
          The bars show the newest {RECORDS} alerts, that is since {dateTimeText(beginMs)}; the figures cover all.
        </p>
      )}
      {groups.map(([group, list]) => (
        <section key={group} aria-label={`Group ${group}`}>
          <h3 class="group-title">{group}</h3>
          <ul class="rules">
            {list.map((row) => (
              <RuleEntry
                key={row.id}
                row={row}
                records={answers.newest.alerts.filter(({ metric_name }) => metric_name === row.name)}
                figures={answers.inWindow.rules.find(({ metric_name }) => metric_name === row.name)}
                window={[startMs, endMs]}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function fits(row: RuleRow, state: StateChoice, text: string): boolean {
  if (state === 'firing' && row.state !== 'firing') return false;
  if (state === 'error' && row.error === '') return false;
  const needle = text.trim().toLowerCase();
  return needle === '' || `${row.name} ${row.group} ${row.text}`.toLowerCase().includes(needle);
}

/** Thresholds and rules by group, each with its state, its figures and when it fired. */
export function RuleList(): JSX.Element {
  const api = useAlertingApi();
  const { frame } = useDashboard();
  const window = useSignal<(typeof WINDOWS)[number][0]>('24h');
  const state = useSignal<StateChoice>('all');
  const text = useSignal('');
  const offset = useSignal(0);
  const lengthMs = WINDOWS.find(([key]) => key === window.value)?.[2] ?? 24 * HOUR_MS;
  const { value, problem } = useFetched(() => ask(api, lengthMs), window.value, 30_000);
  const unitOf = (metric: string): string => frame.value?.summary[metric]?.unit ?? '';
  const all = value === undefined ? [] : ruleRows({ ...value, records: value.newest.rules, unitOf });
  const rows = all.filter((row) => fits(row, state.value, text.value));
  const fromStart = <T,>(choose: (key: T) => void): ((key: T) => void) => {
    return (key) => {
      choose(key);
      offset.value = 0;
    };
  };
  return (
    <Card
      id="rules"
      title="Rules"
      aside={
        <Choice
          legend="How far back"
          name="rule-window"
          options={WINDOWS.map(([key, title]) => [key, title] as const)}
          chosen={window.value}
          onChoose={(key) => (window.value = key)}
        />
      }
    >
      <div class="filters">
        <label class="field grows">
          Name or expression
          <input
            value={text.value}
            autocomplete="off"
            onInput={(event) => fromStart((to: string) => (text.value = to))(event.currentTarget.value)}
          />
        </label>
        <Choice
          legend="Which rules"
          name="rule-state"
          options={STATES}
          chosen={state.value}
          onChoose={fromStart((key: StateChoice) => (state.value = key))}
        />
      </div>
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={5} label="Loading rules" />}
      {value !== undefined && rows.length === 0 && (
        <Blank icon="bell" title={all.length === 0 ? 'No rules yet' : 'No rule fits'}>
          {all.length === 0
            ? 'Set thresholds, or give rule files in Prometheus’s YAML with --rules.'
            : 'Take a condition away to see the others.'}
        </Blank>
      )}
      {value !== undefined && <Rows rows={rows.slice(offset.value, offset.value + SIZE)} answers={value} />}
      <Pager label="Rules" offset={offset.value} size={SIZE} total={rows.length} onMove={(to) => (offset.value = to)} />
    </Card>
  );
}
