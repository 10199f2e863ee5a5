import type { MetricMeta } from '../model/metric.ts';
import type { StoreLimits } from './series-limits.ts';

/** Metadata by metric name, as last declared; as many names as there may be series. */
export class MetadataBook {
  readonly #limits: StoreLimits;
  readonly #known = new Map<string, MetricMeta>();

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }
  get all(): ReadonlyMap<string, MetricMeta> {
    return this.#known;
  }

  load(name: string, meta: MetricMeta): void {
    this.#known.set(name, meta);
  }

  /** @returns what is to be kept on disk, `undefined` when nothing changed or there is no room for another name. */
  declare(name: string, meta: MetricMeta): MetricMeta | undefined {
    const known = this.#known.get(name);
    if (known !== undefined && known.kind === meta.kind && known.unit === meta.unit && known.help === meta.help) return undefined;
    const { maxSeries, maxNameLength, maxValueLength } = this.#limits;
    if ((known === undefined && this.#known.size >= maxSeries) || name.length > maxNameLength) return undefined;
    const kept = { kind: meta.kind, unit: meta.unit.slice(0, maxNameLength), help: meta.help.slice(0, maxValueLength) };
    this.#known.set(name, kept);
    return kept;
  }
}
