import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { AlertRecord, RuleRecord } from '@bellwether/server/api';
import { durationText } from '../../format/time.ts';
import { Mark } from '../mark.tsx';
import { FiringStrip } from './firing-strip.tsx';
import { firingStretches } from './firing-stretches.ts';
import { RuleDetails } from './rule-details.tsx';
import type { RuleRow } from './rule-rows.ts';

export interface RuleEntryProps {
  readonly row: RuleRow;
  /** Its alerts, newest first; some may have begun before the window. */
  readonly records: readonly AlertRecord[];
  /** Over the window; `undefined` when it did not fire. */
  readonly figures: RuleRecord | undefined;
  readonly window: readonly [startMs: number, endMs: number];
}

function StateMark({ row }: { readonly row: RuleRow }): JSX.Element {
  if (row.error !== '') return <Mark tone="bad">Failing</Mark>;
  if (row.state === 'firing') return <Mark tone="bad">Firing{row.firing > 1 ? ` ×${row.firing}` : ''}</Mark>;
  if (row.state === 'pending') return <Mark tone="wait">Pending</Mark>;
  return <Mark tone="good">{row.kind === 'recording' ? 'Recorded' : 'Quiet'}</Mark>;
}

const meanText = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined ? '—' : durationText(seconds * 1000);

function Figures({ figures }: { readonly figures: RuleRecord | undefined }): JSX.Element {
  return (
    <dl class="rule-figures">
      <div>
        <dt>Fired</dt>
        <dd>{figures?.fired ?? 0}×</dd>
      </div>
      <div>
        <dt>
          <abbr title="Mean time to acknowledge">MTTA</abbr>
        </dt>
        <dd>{meanText(figures?.mean_time_to_acknowledge_seconds)}</dd>
      </div>
      <div>
        <dt>
          <abbr title="Mean time to resolve">MTTR</abbr>
        </dt>
        <dd>{meanText(figures?.mean_time_to_resolve_seconds)}</dd>
      </div>
    </dl>
  );
}

/** One rule on one line; opens to what it asks, its values now and its firings as a table. */
export function RuleEntry({ row, records, figures, window }: RuleEntryProps): JSX.Element {
  const isOpen = useSignal(false);
  const isAlert = row.kind !== 'recording';
  return (
    <li class="rule">
      <div class="rule-line">
        <button type="button" class="quiet rule-name" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          {row.name}
          {row.kind === 'recording' && <span class="chip">recording</span>}
        </button>
        <StateMark row={row} />
        {isAlert && <Figures figures={figures} />}
        {isAlert && <FiringStrip name={row.name} stretches={firingStretches(records, window)} window={window} />}
      </div>
      {row.error !== '' && <p class="problem">{row.error}</p>}
      {isOpen.value && <RuleDetails row={row} records={records} window={window} />}
    </li>
  );
}
