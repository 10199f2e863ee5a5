import type { Labels } from '../../model/labels.ts';

/** The instants an expression is evaluated at: `startMs + i · stepMs` for i < `steps`. */
export interface Steps {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** One series of a result: a value per step where `present[i]` is 1. `labels` holds `__name__` where PromQL keeps it. */
export interface Column {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

/** What an expression gives: every kind is evaluated for all steps at once. */
export type Frame =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'vector'; readonly columns: readonly Column[] }
  | { readonly type: 'string'; readonly value: string };

export const METRIC_NAME = '__name__';

export function emptyColumn(labels: Labels, steps: number): Column {
  return { labels, values: new Float64Array(steps), present: new Uint8Array(steps) };
}

export function hasAny(column: Column): boolean {
  return column.present.includes(1);
}

export function withoutName(labels: Labels): Labels {
  if (!(METRIC_NAME in labels)) return labels;
  const { [METRIC_NAME]: _, ...rest } = labels;
  return rest;
}

/** A string that two label sets share exactly if they are equal. */
export function signature(labels: Labels): string {
  const names = Object.keys(labels).sort();
  let key = '';
  for (const name of names) key += `${name}\u0001${labels[name] as string}\u0002`;
  return key;
}

/** The labels in `names`, or all others and never the name when `without`. */
export function pickLabels(labels: Labels, names: ReadonlySet<string>, without: boolean): Labels {
  const picked: Record<string, string> = {};
  for (const name in labels) {
    const keep = without ? name !== METRIC_NAME && !names.has(name) : names.has(name);
    if (keep) picked[name] = labels[name] as string;
  }
  return picked;
}

/** `{a="1", b="2"}` with the metric name in front, for messages. */
export function formatLabels(labels: Labels): string {
  const pairs = Object.keys(labels)
    .filter((name) => name !== METRIC_NAME)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `${labels[METRIC_NAME] ?? ''}{${pairs.join(', ')}}`;
}
