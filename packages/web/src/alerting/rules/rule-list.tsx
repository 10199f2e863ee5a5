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
type WindowKey = (typeof WINDOWS)[number][0];

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
      <p class="muted">
        The bars run from {dateTimeText(startMs)} to {dateTimeText(endMs)}.
        {beginMs !== undefined &&
          ` They know the newest ${RECORDS} alerts only, that is since ${dateTimeText(beginMs)}; the figures cover all.`}
      </p>
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

function fits(row: RuleRow, { state, text }: Wanted): boolean {
  if (state === 'firing' && row.state !== 'firing') return false;
  if (state === 'error' && row.error === '') return false;
  const needle = text.trim().toLowerCase();
  return needle === '' || `${row.name} ${row.group} ${row.text}`.toLowerCase().includes(needle);
}

/** Which rows are listed. */
interface Wanted {
  readonly state: StateChoice;
  readonly text: string;
}

function Filters({ wanted, onChange }: { readonly wanted: Wanted; readonly onChange: (wanted: Wanted) => void }): JSX.Element {
  return (
    <div class="filters">
      <label class="field grows">
        Name or expression
        <input value={wanted.text} autocomplete="off" onInput={(event) => onChange({ ...wanted, text: event.currentTarget.value })} />
      </label>
      <Choice
        legend="Which rules"
        name="rule-state"
        options={STATES}
        chosen={wanted.state}
        onChoose={(state) => onChange({ ...wanted, state })}
      />
    </div>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element {
  return isFiltered ? (
    <Blank icon="bell" title="No rule fits">
      Take a condition away to see the others.
    </Blank>
  ) : (
    <Blank icon="bell" title="No rules yet">
      Set thresholds, or give rule files in Prometheus’s YAML with <code>--rules</code>.
    </Blank>
  );
}

/** Thresholds and rules by group, each with its state, its figures and when it fired. */
export function RuleList(): JSX.Element {
  const api = useAlertingApi();
  const { frame } = useDashboard();
  const window = useSignal<WindowKey>('24h');
  const wanted = useSignal<Wanted>({ state: 'all', text: '' });
  const offset = useSignal(0);
  const lengthMs = WINDOWS.find(([key]) => key === window.value)?.[2] ?? 24 * HOUR_MS;
  const { value, problem } = useFetched(() => ask(api, lengthMs), window.value, 30_000);
  const unitOf = (metric: string): string => frame.value?.summary[metric]?.unit ?? '';
  const all = value === undefined ? [] : ruleRows({ ...value, records: value.newest.rules, unitOf });
  const rows = all.filter((row) => fits(row, wanted.value));
  const choose = (next: Wanted): void => {
    wanted.value = next;
    offset.value = 0;
  };
  const options = WINDOWS.map(([key, title]) => [key, title] as const);
  const choice = (
    <Choice legend="How far back" name="rule-window" options={options} chosen={window.value} onChoose={(key) => (window.value = key)} />
  );
  return (
    <Card id="rules" title="Rules" aside={choice}>
      <Filters wanted={wanted.value} onChange={choose} />
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={5} label="Loading rules" />}
      {value !== undefined && rows.length === 0 && <Nothing isFiltered={all.length > 0} />}
      {value !== undefined && rows.length > 0 && <Rows rows={rows.slice(offset.value, offset.value + SIZE)} answers={value} />}
      <Pager label="Rules" offset={offset.value} size={SIZE} total={rows.length} onMove={(to) => (offset.value = to)} />
    </Card>
  );
}
