import type { JSX } from 'preact';
import type { Backtest } from '@bellwether/server/api';
import { dateTimeText, durationText } from '../../format/time.ts';
import { Problem } from '../problem.tsx';
import { backtestWords } from './backtest-words.ts';
import { FiringStrip } from './firing-strip.tsx';
import { firingStretches } from './firing-stretches.ts';

/** Rows of the table. */
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

/** How a back-test stands. */
export interface Outcome {
  /** The newest answer; kept while the next one is on its way. */
  readonly result: Backtest | undefined;
  readonly problem: string;
  readonly isRunning: boolean;
}

/** What would have fired: a sentence that is read out when it changes, a bar over time, and the bar's table. */
export function BacktestResult({ outcome, name }: { readonly outcome: Outcome; readonly name: string }): JSX.Element {
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
