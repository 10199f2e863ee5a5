import { render } from 'preact';
import './styles/index.css';
import { Page } from './page/page.tsx';
import { startTabSign } from './page/tab-sign.ts';
import { DashboardContext } from './state/context.ts';
import { createDashboard } from './state/dashboard.ts';

const host = document.getElementById('app');
if (host === null) throw new Error('index.html lacks the element #app');
const dashboard = createDashboard();
startTabSign(dashboard.frame);
render(
  <DashboardContext.Provider value={dashboard}>
    <Page />
  </DashboardContext.Provider>,
  host,
);
