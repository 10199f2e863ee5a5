import type { JSX } from 'preact';
import { useDashboard } from '../state/context.ts';
import { MonitoringLine } from './monitoring-line.tsx';

const RADIUS = 26;
const LENGTH = 2 * Math.PI * RADIUS;

/** The score as an arc around its number. */
function Ring({ score }: { readonly score: number }): JSX.Element {
  return (
    <svg class="ring" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <circle class="ring-track" cx="32" cy="32" r={RADIUS} />
      <circle class="ring-value" cx="32" cy="32" r={RADIUS} stroke-dasharray={`${(score / 100) * LENGTH} ${LENGTH}`} />
      <text x="32" y="38">
        {Math.round(score)}
      </text>
    </svg>
  );
}

function reasons(penalties: readonly { readonly reason: string; readonly points: number }[]): string {
  const [worst, ...rest] = penalties;
  if (worst === undefined) return 'Nothing pulls it down.';
  return `${worst.reason} (−${Math.round(worst.points)})${rest.length > 0 ? ` and ${rest.length} more` : ''}`;
}

/** Overall condition: score, its word, and what pulls it down most. */
export function HealthCard(): JSX.Element {
  const { frame } = useDashboard();
  const health = frame.value?.health;
  if (health === undefined) {
    return (
      <section class="card health health-unknown" aria-label="Health">
        <Ring score={0} />
        <div>
          <h2>Health</h2>
          <p class="health-word">Waiting for the first measurement …</p>
        </div>
      </section>
    );
  }
  return (
    <section class={`card health health-${health.health_status}`} aria-label="Health">
      <Ring score={health.health_score} />
      <div>
        <h2>Health</h2>
        <p class="health-word">
          <span class="sr-only">{Math.round(health.health_score)} of 100: </span>
          {health.health_status}
        </p>
        <p class="health-reason">{reasons(health.penalties)}</p>
        <MonitoringLine />
      </div>
    </section>
  );
}
