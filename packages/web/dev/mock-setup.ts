/** What is set up at the mock server: rules, routes, ladders and channels. */

export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export const matcher = (name: string, value: string): Matcher => ({ name, value, isRegex: false, isEqual: true });

export const RULES = [
  { name: 'HeapLarge', expr: 'process_heap_used_bytes > 2e8', state: 'pending', health: 'ok', last_error: null },
  { name: 'LagBehind', expr: 'settlement_lag{job="market"} > 10', state: 'inactive', health: 'ok', last_error: null },
  {
    name: 'Broken',
    expr: 'cpu_usage * on (instance) memory_usage > 1',
    state: 'inactive',
    health: 'err',
    last_error: 'Several series match.',
  },
  {
    name: 'Hot',
    expr: 'cpu_temperature',
    state: 'inactive',
    health: 'ok',
    last_error: null,
    x_bellwether: {
      thresholds: { medium: { fire: 70, clear: 70 }, critical: { fire: 90, clear: 80 } },
      direction: 'above',
      no_data: { policy: 'alert', severity: 'high' },
    },
  },
].map((rule) => ({
  x_bellwether: null,
  ...rule,
  id: rule.name,
  kind: 'alerting',
  for_seconds: 60,
  keep_firing_for_seconds: 0,
  labels: { severity: 'high' },
  annotations: {},
  firing: 0,
  pending: rule.state === 'pending' ? 1 : 0,
  evaluated_at: null,
}));

export const ROUTE = {
  id: '0',
  origin: 'file',
  receiver: 'inbox',
  channels: ['inbox'],
  matchers: [],
  continue: false,
  grouping: null,
  mute_time_intervals: [],
  active_time_intervals: [],
};
export const ROUTES = {
  ...ROUTE,
  routes: [
    {
      ...ROUTE,
      id: 'shop-route',
      origin: 'api',
      receiver: 'web-team',
      channels: ['chat', 'pager'],
      matchers: [{ name: 'severity', value: 'critical|high', isRegex: true, isEqual: true }],
      grouping: { group_by: ['job'], group_wait_seconds: 30, group_interval_seconds: 300, repeat_interval_seconds: 14_400 },
      mute_time_intervals: ['night'],
      routes: [],
    },
  ],
};

export const SAVED_ROUTES = [
  {
    id: 'old-route',
    origin: 'api',
    position: 1,
    problem: 'There is no channel "fax".',
    definition: { receiver: 'fax', matchers: ['team="paper"'] },
    route: null,
  },
];

export const LADDER = {
  name: 'default',
  origin: 'file',
  problem: null,
  matchers: [],
  minimum_severity: 'high',
  repeat_seconds: 1800,
  steps: [
    { after_seconds: 300, channels: null },
    { after_seconds: 900, channels: ['pager'] },
  ],
};

export const LADDERS = [
  {
    ...LADDER,
    name: 'payments',
    origin: 'api',
    matchers: [matcher('team', 'payments')],
    steps: [{ after_seconds: 60, channels: ['pager'] }],
  },
  LADDER,
  { ...LADDER, name: 'paper', origin: 'api', problem: 'Step 1 names no channel: "fax".', steps: [] },
];

export const CHANNELS = [
  { name: 'inbox', kind: 'dashboard', failures: 0, origin: 'file', problem: null },
  { name: 'chat', kind: 'slack', failures: 4, origin: 'file', problem: null },
  { name: 'pager', kind: 'pagerduty', failures: 0, origin: 'api', problem: null },
  { name: 'inbox', kind: 'webhook', failures: 0, origin: 'api', problem: 'The file has a channel of this name.' },
];
