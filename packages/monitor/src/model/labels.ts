/** Label names and values of a series, without `__name__`. An empty value means the label is absent, as in Prometheus. */
export type Labels = Readonly<Record<string, string>>;

export const NO_LABELS: Labels = Object.freeze({});

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

export function isLabelName(name: string): boolean {
  return LABEL_NAME.test(name);
}
export function isMetricName(name: string): boolean {
  return METRIC_NAME.test(name);
}

/** A name from outside made a legal metric name: illegal characters become `_`, a leading digit gets one before it. */
export function toMetricName(name: string): string {
  const legal = name.replaceAll(/[^a-zA-Z0-9_:]/g, '_');
  return /^\d/.test(legal) || legal === '' ? `_${legal}` : legal;
}

/**
 * A string that two series share exactly if they have the same name and labels, whatever the order the labels were given in.
 * NUL separates parts: it is not allowed in names, and a value that holds one is escaped.
 */
export function seriesKey(name: string, labels: Labels): string {
  const names = Object.keys(labels);
  if (names.length === 0) return name;
  if (names.length > 1) names.sort();
  let key = name;
  for (const label of names) {
    const value = labels[label] as string;
    if (value !== '') key += `\0${label}\0${value.includes('\0') ? value.replaceAll('\0', '\0\0') : value}`;
  }
  return key;
}
