import type { LabelSet, LabelValue } from '../../instruments/label-index.ts';

const ILLEGAL = /[^a-zA-Z0-9_]/g;

/**
 * Attributes as labels, as our OTLP ingestion makes them: `http.route` → `http_route`, lists as JSON. Throws for what JSON cannot say; the caller counts
 * it as `label_value`.
 */
export function attributeLabels(attributes: LabelSet): LabelSet {
  const labels: Record<string, LabelValue> = {};
  for (const [key, value] of Object.entries(attributes as Readonly<Record<string, unknown>>)) {
    const name = key.replace(ILLEGAL, '_');
    labels[/^\d/.test(name) ? `_${name}` : name] =
      typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as LabelValue);
  }
  return labels;
}
