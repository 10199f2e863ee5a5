import { contentText } from './exposition.ts';
import type { MetricObject, RegisteredMetric } from './metric-object.ts';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const OPENMETRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
export type RegistryContentType = typeof PROMETHEUS_CONTENT_TYPE | typeof OPENMETRICS_CONTENT_TYPE;

const isContentType = (type: string): type is RegistryContentType => type === PROMETHEUS_CONTENT_TYPE || type === OPENMETRICS_CONTENT_TYPE;

/** The registries of this process, as prom-client's users make them anywhere: whoever takes their metrics over must find them. */
const LIVE = new Set<WeakRef<Registry>>();

/** Every registry that is still in use, the global one first. */
export function liveRegistries(): Registry[] {
  const live: Registry[] = [];
  for (const reference of LIVE) {
    const registry = reference.deref();
    if (registry === undefined) LIVE.delete(reference);
    else live.push(registry);
  }
  return live;
}

/** prom-client's Registry: metrics by name, and their exposition. */
export class Registry {
  static readonly PROMETHEUS_CONTENT_TYPE: typeof PROMETHEUS_CONTENT_TYPE = PROMETHEUS_CONTENT_TYPE;
  static readonly OPENMETRICS_CONTENT_TYPE: typeof OPENMETRICS_CONTENT_TYPE = OPENMETRICS_CONTENT_TYPE;
  static get globalRegistry(): Registry {
    return register;
  }

  readonly #metrics = new Map<string, RegisteredMetric>();
  #contentType: RegistryContentType;
  #defaultLabels: Readonly<Record<string, string>> = {};

  /** @throws {TypeError} for an unsupported content type. */
  constructor(contentType: RegistryContentType = PROMETHEUS_CONTENT_TYPE) {
    if (!isContentType(contentType)) throw new TypeError(`Content type ${String(contentType)} is unsupported`);
    this.#contentType = contentType;
    LIVE.add(new WeakRef(this));
  }

  get contentType(): RegistryContentType {
    return this.#contentType;
  }
  setContentType(contentType: RegistryContentType): void {
    if (!isContentType(contentType)) throw new Error(`Content type ${String(contentType)} is unsupported`);
    this.#contentType = contentType;
  }
  setDefaultLabels(labels: Readonly<Record<string, string>>): void {
    this.#defaultLabels = labels;
  }

  /** @throws {Error} when the name is taken by another metric. */
  registerMetric(metric: RegisteredMetric): void {
    const known = this.#metrics.get(metric.name);
    if (known !== undefined && known !== metric) throw new Error(`A metric with the name ${metric.name} has already been registered.`);
    this.#metrics.set(metric.name, metric);
  }
  removeSingleMetric(name: string): void {
    this.#metrics.delete(name);
  }
  getSingleMetric(name: string): RegisteredMetric | undefined {
    return this.#metrics.get(name);
  }
  getMetricsAsArray(): RegisteredMetric[] {
    return [...this.#metrics.values()];
  }
  clear(): void {
    this.#metrics.clear();
    this.#defaultLabels = {};
  }
  resetMetrics(): void {
    for (const metric of this.#metrics.values()) metric.reset();
  }

  /** The exposition in this registry's content type. */
  async metrics(): Promise<string> {
    const metrics = await Promise.all(Array.from(this.#metrics.values(), (metric) => metric.get()));
    return contentText(metrics, { isOpenMetrics: this.#isOpenMetrics, defaultLabels: this.#defaultLabels });
  }

  async getSingleMetricAsString(name: string): Promise<string> {
    const metric = this.#metrics.get(name);
    if (metric === undefined) throw new TypeError(`No metric is named ${name}`);
    return this.getMetricsAsString(metric);
  }
  async getMetricsAsString(metric: RegisteredMetric): Promise<string> {
    const text = contentText([await metric.get()], { isOpenMetrics: this.#isOpenMetrics, defaultLabels: this.#defaultLabels });
    return text.replace(/(?:\n# EOF)?\n$/, '');
  }

  async getMetricsAsJSON(isWanted: (metric: RegisteredMetric) => boolean = () => true): Promise<MetricObject[]> {
    const metrics = await Promise.all([...this.#metrics.values()].filter(isWanted).map((metric) => metric.get()));
    return metrics.map((metric) => ({
      ...metric,
      values: metric.values.map(({ sharedLabels, labels, ...value }) => ({
        ...value,
        labels: { ...this.#defaultLabels, ...labels, ...sharedLabels },
      })),
    }));
  }

  /** One registry with the metrics of several. @throws {Error} when their content types differ. */
  static merge(registries: readonly Registry[]): Registry {
    const merged = new Registry(registries[0]?.contentType);
    for (const registry of registries) {
      if (registry.contentType !== merged.contentType) throw new Error('Registers can only be merged if they have the same content type');
      for (const metric of registry.#metrics.values()) merged.registerMetric(metric);
    }
    return merged;
  }

  get #isOpenMetrics(): boolean {
    return this.#contentType === OPENMETRICS_CONTENT_TYPE;
  }
}

/** The global registry, as prom-client has one: metrics made without `registers` are here. */
export const register: Registry = new Registry();
