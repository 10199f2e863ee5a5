import type { JSX } from 'preact';
import { Backtest } from './backtest.tsx';
import { RuleList } from './rule-list.tsx';

/** What is watched, how it went, and what another threshold would have done. */
export function RulesPart(): JSX.Element {
  return (
    <div class="two-columns">
      <RuleList />
      <Backtest />
    </div>
  );
}
