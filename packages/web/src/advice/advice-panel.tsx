import type { JSX } from 'preact';
import { SeverityBadge } from '../alerts/severity.tsx';
import type { Recommendation } from '@bellwether/server/api';
import { useDashboard } from '../state/context.ts';
import { Blank, Loading } from '../ui/blank.tsx';
import { Card } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';

function Facts({ advice }: { readonly advice: Recommendation }): JSX.Element {
  return (
    <dl class="advice-facts">
      <dt>Expected impact</dt>
      <dd>{advice.impact}</dd>
      <dt>Effort</dt>
      <dd>{advice.effort}</dd>

      <dt>How to see that it helped</dt>
      <dd>{advice.verification}</dd>
    </dl>
  );
}

function Advice({ advice }: { readonly advice: Recommendation }): JSX.Element {
  const evidence = advice.evidence;
  return (
    <li>
      <details class="advice">
        <summary>
          <span class="advice-head">
            <SeverityBadge level={advice.priority} />
            <span class="chip">{advice.category.replaceAll('_', ' ')}</span>
            <Icon name="chevron" />
          </span>
          <span class="advice-title">{advice.title}</span>
          <span class="advice-evidence">{evidence[0]?.statement ?? advice.description}</span>
        </summary>
        <div class="advice-body">
          {evidence.length > 0 && <p>{advice.description}</p>}
          {evidence.length > 1 && (
            <ul class="evidence">
              {evidence.slice(1).map(({ statement }) => (
                <li key={statement}>{statement}</li>
              ))}
            </ul>
          )}
          <h3>Steps</h3>
          <ol>
            {advice.implementation.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          <Facts advice={advice} />
        </div>
      </details>
    </li>
  );
}

/** What to do about what is slow, most urgent first; each opens to its steps. */
export function AdvicePanel(): JSX.Element {
  const { frame } = useDashboard();
  const list = frame.value?.recommendations;
  const count = list?.length ?? 0;
  return (
    <Card id="advice" title="Recommendations" aside={count > 0 ? <span class="count">{count}</span> : undefined}>
      {list === undefined && <Loading lines={3} label="Loading recommendations" />}
      {list?.length === 0 && (
        <Blank icon="leaf" title="Nothing to recommend">
          Advice appears when measurements show a bottleneck worth fixing.
        </Blank>
      )}
      {list !== undefined && count > 0 && (
        <ul class="advices">
          {list.map((advice) => (
            <Advice key={advice.id} advice={advice} />
          ))}
        </ul>
      )}
    </Card>
  );
}
