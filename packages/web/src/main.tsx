import { render } from 'preact';
import './styles/index.css';
import { Page } from './page/page.tsx';
import { DashboardContext } from './state/context.ts';
import { createDashboard } from './state/dashboard.ts';

const host = document.getElementById('app');
if (host === null) throw new Error('index.html lacks the element #app');
render(
  <DashboardContext.Provider value={createDashboard()}>
    <Page />
  </DashboardContext.Provider>,
  host,
);
