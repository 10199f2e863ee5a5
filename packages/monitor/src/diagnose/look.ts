import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Labels } from '../model/labels.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { Timeline } from './reading.ts';

export interface ReadingSources {
  readonly query: QueryEngine;
  readonly log: Logger;
}

/** One value of an instant vector. */
export interface Row {
  readonly labels: Labels;
  readonly value: number;
}

/** One look at the series: answers expressions, an unanswerable one with nothing, so that one bad metric does not hide the rest. */
export class Look {
  readonly #sources: ReadingSources;
  readonly atMs: number;
  constructor(sources: ReadingSources, atMs: number) {
    this.#sources = sources;
    this.atMs = atMs;
  }

  async rows(expression: string): Promise<readonly Row[]> {
    try {
      const { value } = await this.#sources.query.instant(expression, this.atMs);
      return value.type === 'vector' ? value.samples.filter((sample) => Number.isFinite(sample.value)) : [];
    } catch (error) {
      this.#sources.log.warn({ expression, error: messageOf(error) }, 'A diagnosis could not read its series');
      return [];
    }
  }

  async timelines(
    expression: string,
    spanMs: number,
    stepMs: number,
  ): Promise<readonly { readonly labels: Labels; readonly line: Timeline }[]> {
    try {
      const { value } = await this.#sources.query.range(expression, { fromMs: this.atMs - spanMs, toMs: this.atMs, stepMs });
      return value.type === 'matrix' ? value.series.map(({ labels, timesMs, values }) => ({ labels, line: { timesMs, values } })) : [];
    } catch (error) {
      this.#sources.log.warn({ expression, error: messageOf(error) }, 'A diagnosis could not read its series');
      return [];
    }
  }
}

/** Names an instance: its job and its instance label, both possibly empty. */
export function ownerOf(labels: Labels): string {
  return `${labels['job'] ?? ''}\0${labels['instance'] ?? ''}`;
}

/** `instance` and `job`, without empty ones. */
export function ownerLabels(labels: Labels): Labels {
  const { job, instance } = labels;
  return { ...(instance === undefined || instance === '' ? {} : { instance }), ...(job === undefined || job === '' ? {} : { job }) };
}

/** Names one resource of one instance. */
export function resourceOf(labels: Labels): string {
  const names = Object.keys(labels).toSorted();
  return `${ownerOf(labels)}\0${names.map((name) => `${name}=${labels[name]}`).join('\0')}`;
}

/** Rows of several expressions that share the labels of one resource, joined: `(owner, resource) → column → value`. */
export class Joined {
  readonly rows: Map<string, { readonly labels: Labels; readonly owner: string; readonly columns: Map<string, number> }> = new Map();

  add(column: string, rows: readonly Row[]): void {
    for (const { labels, value } of rows) {
      const owner = ownerOf(labels);
      const key = resourceOf(labels);
      let row = this.rows.get(key);
      if (row === undefined) this.rows.set(key, (row = { labels, owner, columns: new Map() }));
      row.columns.set(column, value);
    }
  }

  /** Rows of one owner. */
  of(owner: string): readonly { readonly labels: Labels; readonly columns: ReadonlyMap<string, number> }[] {
    return [...this.rows.values()].filter((row) => row.owner === owner);
  }
}
