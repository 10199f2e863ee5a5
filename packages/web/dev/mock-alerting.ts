import { historyAt, type MockAlert } from './mock-frame.ts';
import { CHANNELS, LADDER, LADDERS, matcher, ROUTE, ROUTES, RULES, SAVED_ROUTES, type Matcher } from './mock-setup.ts';
import type { WorldOptions } from './mock-world.ts';

/** What a route answers: data, or a sentence, or why not. */
export type MockAnswer = { readonly data: unknown } | { readonly message: string } | { readonly detail: string; readonly status: number };

export interface AlertingOptions extends WorldOptions {
  /** Nothing is configured and nothing ever fired. @default false */
  readonly isBare?: boolean;
  /** Alerts beside those of the world, all alike. @default 0 */
  readonly storm?: number;
}

interface MockSilence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly starts_at: string;
  readonly ends_at: string;
  readonly comment: string;
  readonly [field: string]: unknown;
}

export interface MockCall {
  readonly method: string;
  /** After `api/v1/alerting/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly nowMs: number;
  /** What fires now, before silences and acknowledgements of the storm. */
  readonly alerts: readonly MockAlert[];
}

const MINUTE_MS = 60_000;
const iso = (atMs: number): string => new Date(atMs).toISOString();

function stormAlert(index: number, nowMs: number): MockAlert {
  return {
    id: `storm-${index}`,
    metric_name: 'queue_length',
    severity: 'low',
    message: `Queue length is ${900 + index}.0, exceeding threshold of 500.0`,
    timestamp: iso(nowMs - 90_000),
    labels: { shard: `s${index}` },
    acknowledged_by: null,
    silenced: false,
    silenced_by: [],
    inhibited_by: 'alert-cpu_usage',
    cause: 'static',
    threshold: 500,
    current_value: 900 + index,
    updated_at: iso(nowMs),
    escalation_level: 0,
  };
}

/** Whether `name="value"` and `name!="value"` of the filter all hold; patterns hold for everything. */
function fitsFilter(alert: MockAlert, filter: string): boolean {
  const labels: Readonly<Record<string, string>> = { ...alert.labels, severity: alert.severity, alertname: alert.metric_name };
  const parts = [...filter.matchAll(/([\w.]+)(=~|!~|!=|=)("(?:\\.|[^"\\])*")/g)];
  return parts.every(([, name = '', operator = '', quoted = '""']) => {
    if (operator.endsWith('~')) return true;
    return ((labels[name] ?? '') === JSON.parse(quoted)) === (operator === '=');
  });
}

function breakdown(alerts: readonly MockAlert[]): Record<string, number> {
  const levels = ['low', 'medium', 'high', 'critical'];
  return Object.fromEntries(levels.map((level) => [level, alerts.filter(({ severity }) => severity === level).length]));
}

function deliveriesAt(nowMs: number, isReplayed: boolean): object[] {
  return Array.from({ length: 40 }, (_, index) => {
    const status = index === 2 && !isReplayed ? 'dead' : index % 9 === 1 ? 'waiting' : 'delivered';
    return {
      id: `delivery-${index}`,
      channel: status === 'dead' ? 'pager' : 'chat',
      group_key: 'opinion-market',
      title: `${1 + (index % 3)} alerts on opinion-market`,
      status,
      attempts: status === 'dead' ? 1 : 1 + (index % 2),
      created_at: iso(nowMs - index * 5 * MINUTE_MS),
      delivered_at: status === 'delivered' ? iso(nowMs - index * 5 * MINUTE_MS + 1400) : null,
      last_error: status === 'dead' ? 'HTTP 404' : null,
    };
  });
}

/** The alerting routes over state that actions change, with believable answers and nothing behind them. */
export class MockAlerting {
  readonly #options: AlertingOptions;
  readonly #silences: MockSilence[] = [];
  #isReplayed = false;
  #lastId = 0;

  constructor(options: AlertingOptions, nowMs: number) {
    this.#options = options;
    if (options.isBare === true) return;
    this.#keep(
      { matchers: [matcher('alertname', 'api_response_time')], ends_at: iso(nowMs + 40 * MINUTE_MS), comment: 'Deploy of the router' },
      nowMs,
    );
    this.#keep({ matchers: [matcher('job', 'batch')], ends_at: iso(nowMs - 5 * MINUTE_MS), comment: 'Night run' }, nowMs - 90 * MINUTE_MS);
  }

  /** `undefined` for a route that is not ours. */
  answer(call: MockCall): MockAnswer | undefined {
    const { method, path, nowMs } = call;
    const key = `${method} ${path.replace(/^(incidents|channels|silences)\/[^/]+/, '$1/:id')}`;
    const answers: Readonly<Record<string, () => MockAnswer>> = {
      'GET alerts': () => ({ data: this.#page(call) }),
      'GET incidents': () => ({ data: { incidents: this.#incidents(call) } }),
      'POST incidents/:id/acknowledge': () => ({ message: 'Acknowledged 2 alerts' }),
      'GET silences': () => ({ data: { silences: this.#silences.map((silence) => ({ ...silence, state: stateOf(silence, nowMs) })) } }),
      'POST silences': () => this.#add(call),
      'PUT silences/:id': () => this.#change(call),
      'DELETE silences/:id': () => this.#end(call),
      'GET rules': () => ({
        data: { groups: this.#isBare ? [] : [{ name: 'market', file: 'rules.yml', interval_seconds: 30, rules: RULES }] },
      }),
      'GET history': () => ({ data: this.#history(call) }),
      'POST backtest': () => ({ data: backtest(call) }),
      'GET channels': () => ({ data: { channels: this.#isBare ? [] : CHANNELS } }),
      'POST channels/:id/test': () => ({ data: testOutcome(path) }),
      'POST channels/:id/replay': () => this.#replay(),
      'GET deliveries': () => ({ data: { deliveries: this.#isBare ? [] : deliveriesAt(nowMs, this.#isReplayed) } }),
      'GET routes': () => ({
        data: this.#isBare
          ? { route: { ...ROUTE, receiver: '', channels: [], routes: [] }, saved: [] }
          : { route: ROUTES, saved: SAVED_ROUTES },
      }),
      'POST routes/test': () => ({ data: { receivers: receiversOf(call) } }),
      'GET escalations': () => ({ data: this.#ladder(call) }),
    };
    const known = path.startsWith('alerts/') ? () => this.#one(call) : answers[key];
    return known?.();
  }

  get #isBare(): boolean {
    return this.#options.isBare === true;
  }

  #all({ alerts, nowMs }: MockCall): readonly MockAlert[] {
    const storm = Array.from({ length: this.#options.storm ?? 0 }, (_, index) => stormAlert(index, nowMs));
    const holding = this.#silences.filter((silence) => stateOf(silence, nowMs) === 'active');
    return [...alerts, ...storm].map((alert) => {
      const covering = holding.filter(({ matchers }) => fitsFilter(alert, filterText(matchers)));
      return { ...alert, silenced: covering.length > 0, silenced_by: covering.map(({ id }) => id) };
    });
  }

  #page(call: MockCall): object {
    const { query } = call;
    const all = this.#all(call);
    const isAs = (name: string, holds: boolean): boolean => query.get(name) === null || (query.get(name) === 'true') === holds;
    const wanted = all.filter(
      (alert) =>
        (query.get('severity') ?? alert.severity) === alert.severity &&
        (query.get('metric') ?? alert.metric_name) === alert.metric_name &&
        isAs('acknowledged', alert.acknowledged_by !== null) &&
        isAs('silenced', alert.silenced) &&
        fitsFilter(alert, query.get('filter') ?? ''),
    );
    const offset = Number(query.get('offset') ?? 0);
    const listed = wanted.slice(offset, offset + Number(query.get('limit') ?? 100));
    return { alerts: listed, count: listed.length, total: wanted.length, severity_breakdown: breakdown(all) };
  }

  #one(call: MockCall): MockAnswer {
    const id = call.path.slice('alerts/'.length);
    const found = this.#all(call).find((alert) => alert.id === id);
    return found === undefined ? { status: 404, detail: `No active alert has the id ${id}` } : { data: found };
  }

  #incidents(call: MockCall): object[] {
    const members = call.alerts.map((alert) => ({ ...alert, began_at: alert.timestamp, ended_at: null }));
    if (members.length < 2) return [];
    const root = members.at(-1);
    return [
      {
        id: 'incident-1',
        title: `${root?.message}, and ${members.length - 1} more alerts`,
        likely_root: root?.id,
        started_at: root?.began_at,
        ended_at: null,
        member_count: members.length,
        alerts: [...members].reverse(),
      },
    ];
  }

  #keep(given: Pick<MockSilence, 'matchers' | 'ends_at' | 'comment'> & { readonly starts_at?: string }, nowMs: number): MockSilence {
    const silence = { starts_at: iso(nowMs), author: 'dana', ...given, id: `silence-${++this.#lastId}` };
    this.#silences.unshift(silence);
    return silence;
  }

  #add({ body, nowMs }: MockCall): MockAnswer {
    const given = JSON.parse(body) as MockSilence;
    if (Date.parse(given.ends_at) <= nowMs) return { status: 400, detail: 'The silence is refused: its end is in the past' };
    return { data: this.#keep(given, nowMs) };
  }

  #change({ path, body, nowMs }: MockCall): MockAnswer {
    const given = JSON.parse(body) as MockSilence;
    const at = this.#silences.findIndex(({ id }) => path === `silences/${id}`);
    const found = this.#silences[at];
    if (found === undefined) return { status: 404, detail: 'There is no such silence' };
    if (Date.parse(given.ends_at) <= nowMs) return { status: 400, detail: 'The silence is refused: its end is in the past' };
    const { id, author, starts_at } = found;
    const changed = { ...given, starts_at: given.starts_at ?? starts_at, id, author };
    this.#silences[at] = changed;
    return { data: changed };
  }

  #end({ path, nowMs }: MockCall): MockAnswer {
    const at = this.#silences.findIndex(({ id }) => path === `silences/${id}`);
    const found = this.#silences[at];
    if (found === undefined) return { status: 404, detail: 'There is no such silence' };
    this.#silences[at] = { ...found, ends_at: iso(nowMs) };
    return { message: 'Ended the silence' };
  }

  #replay(): MockAnswer {
    this.#isReplayed = true;
    return { message: 'Put 1 messages back in line' };
  }

  #history({ query, nowMs }: MockCall): object {
    const all = this.#isBare ? [] : (historyAt(nowMs) as MockAlert[]);
    const alerts = all.filter(({ metric_name }) => (query.get('metric') ?? metric_name) === metric_name);
    const rules = [...Map.groupBy(alerts, ({ metric_name }) => metric_name)].map(([metric_name, list]) => ({
      metric_name,
      fired: list.length,
      acknowledged: 1,
      resolved: list.length,
      mean_time_to_acknowledge_seconds: 40,
      mean_time_to_resolve_seconds: 130,
    }));
    return { alerts: alerts.slice(0, Number(query.get('limit') ?? 100)), rules, count: alerts.length, average_resolution_seconds: 130 };
  }

  #ladder(call: MockCall): object {
    if (this.#isBare) return { ladders: [{ ...LADDER, steps: [] }], alerts: [] };
    const climbing = call.alerts.filter(({ severity, acknowledged_by }) => severity === 'critical' && acknowledged_by === null);
    const alerts = climbing.map(({ id, message, severity }) => ({
      id,
      message,
      severity,
      ladder: 'default',
      level: 1,
      next_at: iso(call.nowMs + 4 * MINUTE_MS),
    }));
    return { ladders: LADDERS, alerts };
  }
}

const filterText = (matchers: readonly Matcher[]): string =>
  matchers.map(({ name, value, isRegex, isEqual }) => `${name}${isRegex ? '=~' : isEqual ? '=' : '!='}${JSON.stringify(value)}`).join(',');

function stateOf({ starts_at, ends_at }: MockSilence, nowMs: number): string {
  if (Date.parse(ends_at) <= nowMs) return 'expired';
  return Date.parse(starts_at) > nowMs ? 'pending' : 'active';
}

function testOutcome(path: string): object {
  return path.startsWith('channels/chat')
    ? { status: 'failed', detail: 'connect ECONNREFUSED', permanent: false }
    : { status: 'sent', detail: 'accepted', permanent: false };
}

function receiversOf({ body }: MockCall): object[] {
  const { labels } = JSON.parse(body) as { labels: Record<string, string> };
  return labels['severity'] === 'critical' || labels['severity'] === 'high'
    ? [{ receiver: 'web-team', channels: ['chat', 'pager'], route: 'shop-route', group: 'job="web"' }]
    : [{ receiver: 'inbox', channels: ['inbox'], route: '0', group: null }];
}

/** The higher the threshold, the fewer firings: one for each ten below a hundred. */
function backtest({ body, nowMs }: MockCall): object {
  const { threshold, from } = JSON.parse(body) as { threshold?: number | { warning: number }; from: string };
  const limit = typeof threshold === 'object' ? threshold.warning : (threshold ?? 0);
  const fired = Math.max(0, Math.floor((100 - limit) / 10));
  const startMs = nowMs - Number.parseFloat(from) * 1000;
  const firings = Array.from({ length: fired }, (_, index) => ({
    labels: {},
    severity: 'medium',
    fired_at: iso(startMs + (index + 1) * 4 * MINUTE_MS),
    resolved_at: iso(startMs + (index + 1) * 4 * MINUTE_MS + MINUTE_MS),
    peak: 97,
  }));
  return {
    from: iso(startMs),
    to: iso(nowMs),
    interval_seconds: 2,
    evaluations: 1800,
    series: 1,
    fired,
    pending_only: 0,
    flaps: Math.max(0, fired - 1),
    firing_seconds: fired * 60,
    longest_seconds: fired > 0 ? 60 : 0,
    firing_percent: Math.round((fired * 1000) / 60) / 10,
    firings,
    notes: [],
  };
}
