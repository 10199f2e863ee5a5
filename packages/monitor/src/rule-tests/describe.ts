import type { Labels } from '../model/labels.ts';
import { formatValue } from '../query/parse/literals.ts';
import type { ExpectedNotification } from './test-file.ts';

/** An alert as tests compare it. */
export interface NamedAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** `{a="1", b="2"}`, the name among them. */
export function labelsText(labels: Labels): string {
  const names = Object.keys(labels).toSorted();
  return `{${names.map((label) => `${label}=${JSON.stringify(labels[label])}`).join(', ')}}`;
}

/** By name and value of one label after the other, as Prometheus sorts label sets. */
export function compareLabels(a: Labels, b: Labels): number {
  const [left, right] = [a, b].map((labels) =>
    Object.keys(labels)
      .toSorted()
      .flatMap((name) => [name, labels[name] ?? '']),
  );
  if (left === undefined || right === undefined) return 0;
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [left[i] as string, right[i] as string];
    if (one !== other) return one < other ? -1 : 1;
  }
  return left.length - right.length;
}

/** As promtool lists alerts. */
export function alertsText(alerts: readonly NamedAlert[]): string {
  if (alerts.length === 0) return '[]';
  const entries = alerts.map(
    ({ labels, annotations }, i) =>
      `            ${i}:\n              Labels:${labelsText(labels)}\n              Annotations:${labelsText(annotations)}`,
  );
  return `[\n${entries.join(',\n')}\n            ]`;
}

export function samplesText(samples: readonly { readonly labels: Labels; readonly value: number }[]): string {
  return samples.length === 0 ? 'nil' : samples.map(({ labels, value }) => `${labelsText(labels)} ${exponentText(value)}`).join(', ');
}

/** As Go's `strconv.FormatFloat(value, 'E', -1, 64)`: `1.5E+00`. */
function exponentText(value: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  return value
    .toExponential()
    .toUpperCase()
    .replace(/E([+-])(\d)$/, 'E$10$2');
}

export function notificationText(message: ExpectedNotification): string {
  const members = Object.entries(message).filter(([, value]) => value !== undefined);
  return `{ ${members.map(([name, value]) => `${name}: ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`).join(', ')} }`;
}
