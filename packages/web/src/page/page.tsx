import type { ComponentType, JSX } from 'preact';
import { AlertPanel } from '../alerts/alert-panel.tsx';
import { ChartGrid } from '../charts/chart-grid.tsx';
import { HealthCard } from '../health/health-card.tsx';
import { ConnectionBanner } from '../live/connection-banner.tsx';
import { useDashboard } from '../state/context.ts';
import { TileGrid } from '../tiles/tile-grid.tsx';
import { Loading } from '../ui/blank.tsx';
import { Card } from '../ui/card.tsx';
import { Later } from '../ui/later.tsx';
import { NoticeList } from '../ui/notice-list.tsx';
import { TopBar } from './top-bar.tsx';

/** Parts below the fold, or seen rarely: their code comes after the first useful picture. */
const loadAdvice = (): Promise<ComponentType> => import('../advice/advice-panel.tsx').then(({ AdvicePanel }) => AdvicePanel);
const loadCache = (): Promise<ComponentType> => import('../cache/cache-panel.tsx').then(({ CachePanel }) => CachePanel);
const loadMetrics = (): Promise<ComponentType> => import('../metrics/metric-table.tsx').then(({ MetricTable }) => MetricTable);
const loadAlerting = (): Promise<ComponentType> => import('../alerting/alerting-view.tsx').then(({ AlertingView }) => AlertingView);
const loadSignIn = (): Promise<ComponentType> => import('../session/sign-in.tsx').then(({ SignIn }) => SignIn);

function Placeholder({ id, title }: { readonly id: string; readonly title: string }): JSX.Element {
  return (
    <Card id={id} title={title}>
      <Loading lines={4} label={`Loading ${title.toLowerCase()}`} />
    </Card>
  );
}

function Overview(): JSX.Element {
  return (
    <>
      <div class="overview">
        <HealthCard />
        <TileGrid />
      </div>
      <div class="columns">
        <div class="urgent">
          <AlertPanel />
          <Later load={loadAdvice} props={{}}>
            <Placeholder id="advice" title="Recommendations" />
          </Later>
        </div>
        <ChartGrid />
        <div class="cache-area">
          <Later load={loadCache} props={{}}>
            <Placeholder id="cache" title="Cache" />
          </Later>
        </div>
      </div>
      <Later load={loadMetrics} props={{}}>
        <Placeholder id="metrics" title="All other metrics" />
      </Later>
    </>
  );
}

function Content(): JSX.Element {
  const { layout, place } = useDashboard();
  const Toolbar = layout.ui.value?.Toolbar;
  return (
    <>
      <TopBar />
      <ConnectionBanner />
      {Toolbar !== undefined && place.value === '' && <Toolbar />}
      <main id="content" tabIndex={-1}>
        {place.value === '' ? <Overview /> : <Later load={loadAlerting} props={{}} />}
      </main>
    </>
  );
}

function Waiting(): JSX.Element {
  return (
    <main class="sign-in">
      <h1 class="sr-only">Bellwether</h1>
      <p class="muted">Connecting …</p>
    </main>
  );
}

/** The whole page: nothing until the session is known, the sign-in form without one, else the dashboard. */
export function Page(): JSX.Element {
  const { session } = useDashboard();
  return (
    <>
      {session.value === 'signed-in' && <Content />}
      {session.value === 'checking' && <Waiting />}
      {session.value === 'signed-out' && (
        <Later load={loadSignIn} props={{}}>
          <Waiting />
        </Later>
      )}
      <NoticeList />
    </>
  );
}
