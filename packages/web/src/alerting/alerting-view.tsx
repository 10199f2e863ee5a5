import type { ComponentType, JSX } from 'preact';
import { useDashboard } from '../state/context.ts';
import { Loading } from '../ui/blank.tsx';
import { Later } from '../ui/later.tsx';

interface Part {
  /** What follows `#alerting` in the address. */
  readonly path: string;
  readonly title: string;
  readonly load: () => Promise<ComponentType>;
}

const ACTIVE: Part = {
  path: '',
  title: 'Active',
  load: () => import('./active/active-part.tsx').then(({ ActivePart }) => ActivePart),
};
const PARTS: readonly Part[] = [
  ACTIVE,
  { path: '/silences', title: 'Silences', load: () => import('./silences/silences-part.tsx').then(({ SilencesPart }) => SilencesPart) },
  { path: '/rules', title: 'Rules', load: () => import('./rules/rules-part.tsx').then(({ RulesPart }) => RulesPart) },
  { path: '/delivery', title: 'Delivery', load: () => import('./delivery/delivery-part.tsx').then(({ DeliveryPart }) => DeliveryPart) },
];

/** Everything about alerts beyond the overview: what fires, what is kept quiet, why it fires, and who hears of it. */
export function AlertingView(): JSX.Element {
  const { place } = useDashboard();
  const path = place.value.replace(/^alerting/, '').split('?', 1)[0] ?? '';
  const part = PARTS.find((candidate) => candidate.path === path) ?? ACTIVE;
  return (
    <>
      <header class="section-head">
        <h2>Alerting</h2>
        <nav class="tabs" aria-label="Alerting">
          {PARTS.map(({ path: to, title }) => (
            <a key={to} href={`#alerting${to}`} aria-current={to === part.path ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      <Later key={part.path} load={part.load} props={{}}>
        <Loading lines={5} label={`Loading ${part.title.toLowerCase()}`} />
      </Later>
    </>
  );
}
