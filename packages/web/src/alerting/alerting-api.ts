import type {
  Alert,
  AlertHistory,
  AlertPage,
  AlertRoute,
  AlertRouteDetail,
  Backtest,
  Channel,
  Delivery,
  Escalations,
  Incident,
  Labels,
  RuleGroup,
  Said,
  Silence,
  SilenceMatcher,
  Success,
  Thresholds,
} from '@bellwether/server/api';
import { useMemo } from 'preact/hooks';
import type { Http, Query } from '../api/http.ts';
import { useDashboard } from '../state/context.ts';
import type { ApiTime } from './silences/maintenance-times.ts';

/** What a silence is made of. */
export interface NewSilence {
  readonly matchers: readonly SilenceMatcher[];
  /** ISO 8601; from now when absent. */
  readonly starts_at?: string;
  readonly ends_at: string;
  readonly times?: readonly ApiTime[];
  readonly comment: string;
}

export interface TestOutcome {
  readonly status: 'sent' | 'failed';
  readonly detail: string;
  /** The same message would be refused again. */
  readonly permanent: boolean;
}

/** Who would hear of an alert. */
export interface Receiver {
  readonly receiver: string;
  readonly channels: readonly string[];
  /** Id of the route. */
  readonly route: string;
  readonly group: string | null;
}

const BASE = 'alerting';
const part = encodeURIComponent;

/** The calls of the alerting view. All reject with `ApiError`. */
export class AlertingApi {
  readonly #http: Http;
  constructor(http: Http) {
    this.#http = http;
  }

  alerts(query: Query): Promise<AlertPage> {
    return this.#get('alerts', query);
  }

  alert(id: string): Promise<Alert> {
    return this.#get(`alerts/${part(id)}`);
  }

  acknowledge(id: string): Promise<unknown> {
    return this.#http.send('POST', `${BASE}/alerts/${part(id)}/ack`, {});
  }

  unacknowledge(id: string): Promise<unknown> {
    return this.#http.send('DELETE', `${BASE}/acks/${part(id)}`);
  }

  async incident(id: string): Promise<Incident> {
    return await this.#get<Incident>(`incidents/${part(id)}`, {});
  }
  async incidents(state: 'open' | 'all', limit: number): Promise<readonly Incident[]> {
    return (await this.#get<{ incidents: readonly Incident[] }>('incidents', { state, limit })).incidents;
  }

  /** Returns the server's sentence about how many it took. */
  async acknowledgeIncident(id: string): Promise<string> {
    return (await this.#http.send<Said>('POST', `${BASE}/incidents/${part(id)}/acknowledge`, {})).message;
  }

  async silences(): Promise<readonly Silence[]> {
    return (await this.#get<{ silences: readonly Silence[] }>('silences')).silences;
  }

  async addSilence(silence: NewSilence): Promise<void> {
    await this.#http.send('POST', `${BASE}/silences`, silence);
  }

  /** What `silence` leaves out is gone, but for its start, which stays. */
  async changeSilence(id: string, silence: NewSilence): Promise<void> {
    await this.#http.send('PUT', `${BASE}/silences/${part(id)}`, silence);
  }

  async endSilence(id: string): Promise<void> {
    await this.#http.send('DELETE', `${BASE}/silences/${part(id)}`);
  }

  async ruleGroups(): Promise<readonly RuleGroup[]> {
    return (await this.#get<{ groups: readonly RuleGroup[] }>('rules')).groups;
  }

  async thresholds(): Promise<Thresholds> {
    return (await this.#http.get<Success<Thresholds>>('performance/thresholds')).data;
  }

  history(query: Query): Promise<AlertHistory> {
    return this.#get('history', query);
  }

  async backtest(body: Readonly<Record<string, unknown>>): Promise<Backtest> {
    return (await this.#http.send<Success<Backtest>>('POST', `${BASE}/backtest`, body)).data;
  }

  async channels(): Promise<readonly Channel[]> {
    return (await this.#get<{ channels: readonly Channel[] }>('channels')).channels;
  }

  async testChannel(name: string): Promise<TestOutcome> {
    return (await this.#http.send<Success<TestOutcome>>('POST', `${BASE}/channels/${part(name)}/test`, {})).data;
  }

  /** Returns the server's sentence about how many messages wait again. */
  async replay(name: string): Promise<string> {
    return (await this.#http.send<Said>('POST', `${BASE}/channels/${part(name)}/replay`, {})).message;
  }

  async deliveries(limit: number): Promise<readonly Delivery[]> {
    return (await this.#get<{ deliveries: readonly Delivery[] }>('deliveries', { limit })).deliveries;
  }

  /** The tree at work, and what was saved over the API, whether it works or not. */
  routes(): Promise<{ readonly route: AlertRoute; readonly saved: readonly AlertRouteDetail[] }> {
    return this.#get('routes');
  }

  async receivers(labels: Labels): Promise<readonly Receiver[]> {
    type Answer = Success<{ receivers: readonly Receiver[] }>;
    return (await this.#http.send<Answer>('POST', `${BASE}/routes/test`, { labels })).data.receivers;
  }

  escalations(): Promise<Escalations> {
    return this.#get('escalations');
  }

  async #get<T>(path: string, query?: Query): Promise<T> {
    return (await this.#http.get<Success<T>>(`${BASE}/${path}`, query)).data;
  }
}

/** The calls over the page's session. */
export function useAlertingApi(): AlertingApi {
  const { http } = useDashboard();
  return useMemo(() => new AlertingApi(http), [http]);
}
