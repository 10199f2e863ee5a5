import type {
  AlertHistory,
  AlertList,
  AlertRecord,
  CacheEntryList,
  CacheStats,
  Frame,
  Health,
  Instance,
  InstanceList,
  MatrixSeries,
  MetricSummary,
  Monitoring,
  RecommendationList,
  Said,
  SilenceMatcher,
  Success,
  Summary,
} from '@bellwether/server/api';
import type { Http, Query } from './http.ts';

/** A stretch of time for `query_range`, in seconds since the epoch. */
export interface Stretch {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly stepSeconds: number;
}

/** As many as a frame of the stream has. */
const MOST_ALERTS = 200;

const isMetric = (entry: readonly [string, MetricSummary | CacheStats | number]): entry is [string, MetricSummary] =>
  typeof entry[1] === 'object' && 'current' in entry[1];

/** One method per call the page makes. All reject with `ApiError`. */
export class Api {
  readonly #http: Http;
  constructor(http: Http) {
    this.#http = http;
  }

  async signIn(token: string): Promise<void> {
    await this.#http.send('POST', 'session', { token });
  }

  async signOut(): Promise<void> {
    await this.#http.send('DELETE', 'session');
  }

  health(): Promise<Health> {
    return this.#data('performance/health');
  }

  async instances(): Promise<readonly Instance[]> {
    return (await this.#data<InstanceList>('performance/instances')).instances;
  }

  streamUrl(): string {
    return this.#http.url('performance/stream');
  }

  /** The same picture as a frame of the stream, asked for piece by piece: for instances the stream does not cover. */
  async frame(instance: string): Promise<Frame> {
    const query = { instance };
    const [summary, health, alerts, advice] = await Promise.all([
      this.#http.get<Success<Summary>>('performance/metrics/summary', query),
      this.#data<Health>('performance/health', query),
      this.#data<AlertList>('performance/alerts', { ...query, limit: MOST_ALERTS }),
      this.#data<RecommendationList>('performance/recommendations', query),
    ]);
    return {
      timestamp: summary.timestamp,
      summary: Object.fromEntries(Object.entries(summary.data).filter(isMetric)),
      health,
      alerts: alerts.alerts,
      severity_breakdown: alerts.severity_breakdown,
      recommendations: advice.recommendations,
      cache: summary.data.cache,
    };
  }

  async queryRange(expression: string, stretch: Stretch, signal?: AbortSignal): Promise<readonly MatrixSeries[]> {
    const query = { query: expression, start: stretch.fromSeconds, end: stretch.toSeconds, step: stretch.stepSeconds };
    return (await this.#data<{ result: readonly MatrixSeries[] }>('query_range', query, signal)).result;
  }

  async startMonitoring(): Promise<Monitoring> {
    return (await this.#http.send<Success<Monitoring>>('POST', 'performance/monitoring/start', {})).data;
  }

  async acknowledge(alertId: string): Promise<void> {
    await this.#http.send('POST', `alerting/alerts/${encodeURIComponent(alertId)}/ack`, {});
  }

  /** Silences what carries exactly these labels, from now on. */
  async silence(labels: Readonly<Record<string, string>>, endsAtMs: number, comment: string): Promise<void> {
    const matchers = Object.entries(labels).map(([name, value]): SilenceMatcher => ({ name, value, isRegex: false, isEqual: true }));
    await this.#http.send('POST', 'alerting/silences', { matchers, ends_at: new Date(endsAtMs).toISOString(), comment });
  }

  async alertHistory(limit: number): Promise<readonly AlertRecord[]> {
    return (await this.#data<AlertHistory>('alerting/history', { limit })).alerts;
  }

  cacheEntries(page: { readonly tag: string; readonly offset: number; readonly limit: number }): Promise<CacheEntryList> {
    return this.#data('performance/cache/entries', page);
  }

  /** Returns the server's sentence about what went. Without tags everything goes. */
  async clearCache(tags: readonly string[]): Promise<string> {
    return (await this.#http.send<Said>('POST', 'performance/cache/clear', tags.length > 0 ? { tags } : undefined)).message;
  }

  /** Returns the server's sentence about what went. */
  async cleanUpCache(): Promise<string> {
    return (await this.#http.send<Said>('POST', 'performance/cache/cleanup')).message;
  }

  async #data<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return (await this.#http.get<Success<T>>(path, query, signal)).data;
  }
}
