import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Dashboard } from './dashboard.ts';

export const DashboardContext = createContext<Dashboard | undefined>(undefined);

/** The page's state. @throws {Error} outside the provider. */
export function useDashboard(): Dashboard {
  const dashboard = useContext(DashboardContext);
  if (dashboard === undefined) throw new Error('useDashboard needs a DashboardContext.Provider above it');
  return dashboard;
}
