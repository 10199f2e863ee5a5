import type {
  AlertRecord,
  CacheEntry,
  Frame,
  Health,
  Instance,
  MatrixSeries,
  Alert,
  Recommendation,
  CacheStats,
  MetricSummary,
} from './shapes.ts';
import type { Http } from './http.ts';

interface Envelope<T> {
  readonly data: T;
}

/** A stretch of time for `query_range`, in seconds since the epoch. */
export interface Stretch {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly stepSeconds: number;
}

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

  async health(): Promise<Health> {
    return (await this.#http.get<Envelope<Health>>('performance/health')).data;
  }

  async instances(): Promise<readonly Instance[]> {
    return (await this.#http.get<Envelope<{ instances: Instance[] }>>('performance/instances')).data.instances;
  }

  streamUrl(): string {
    return this.#http.url('performance/stream');
  }

  /** The same picture as a frame of the stream, asked for piece by piece: for instances the stream does not cover. */
  async frame(instance: string): Promise<Frame> {
    const query = { instance };
    const get = async <T>(path: string): Promise<T> => (await this.#http.get<Envelope<T>>(`performance/${path}`, query)).data;
    const [summary, health, alerts, recommendations] = await Promise.all([
      get<Record<string, MetricSummary> & { cache: CacheStats }>('metrics/summary'),
      get<Health>('health'),
      get<{ alerts: Alert[] }>('alerts'),
      get<{ recommendations: Recommendation[] }>('recommendations'),
    ]);
    const {
      cache,
      health_score: _score,
      ...metrics
    } = summary as Record<string, MetricSummary> & { cache: CacheStats; health_score: number };
    return {
      timestamp: new Date().toISOString(),
      summary: metrics,
      health,
      alerts: alerts.alerts,
      recommendations: recommendations.recommendations,
      cache,
    };
  }

  async queryRange(expression: string, stretch: Stretch, signal?: AbortSignal): Promise<readonly MatrixSeries[]> {
    const query = { query: expression, start: stretch.fromSeconds, end: stretch.toSeconds, step: stretch.stepSeconds };
    return (await this.#http.get<Envelope<{ result: MatrixSeries[] }>>('query_range', query, signal)).data.result;
  }

  async acknowledge(alertId: string): Promise<void> {
    await this.#http.send('POST', `alerting/alerts/${encodeURIComponent(alertId)}/ack`, {});
  }

  /** Silences what carries exactly these labels, from now on. */
  async silence(labels: Readonly<Record<string, string>>, endsAtMs: number, comment: string): Promise<void> {
    const matchers = Object.entries(labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
    await this.#http.send('POST', 'alerting/silences', { matchers, ends_at: new Date(endsAtMs).toISOString(), comment });
  }

  async alertHistory(limit: number): Promise<readonly AlertRecord[]> {
    return (await this.#http.get<Envelope<{ alerts: AlertRecord[] }>>('alerting/history', { limit })).data.alerts;
  }

  async cacheEntries(page: {
    readonly tag: string;
    readonly offset: number;
    readonly limit: number;
  }): Promise<{ entries: CacheEntry[]; total: number }> {
    return (await this.#http.get<Envelope<{ entries: CacheEntry[]; total: number }>>('performance/cache/entries', page)).data;
  }

  /** Returns the server's sentence about what went. Without tags everything goes. */
  async clearCache(tags: readonly string[]): Promise<string> {
    return (await this.#http.send<{ message: string }>('POST', 'performance/cache/clear', tags.length > 0 ? { tags } : undefined)).message;
  }

  async cleanUpCache(): Promise<string> {
    return (await this.#http.send<{ message: string }>('POST', 'performance/cache/cleanup')).message;
  }
}
