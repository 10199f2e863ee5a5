import { BellwetherError, messageOf, type ErrorCode } from '../../base/errors.ts';
import type { Labels } from '../../model/labels.ts';
import { formatLabels } from '../context/frame.ts';
import type { QueryResult, QueryValue } from '../query-engine.ts';

/** What a query gave, in a form that two engines' answers can be compared in. */
export type Answer =
  | { readonly error: string; readonly type: string }
  | { readonly series: Readonly<Record<string, readonly (readonly [atMs: number, value: number])[]>>; readonly notes: readonly string[] };

/** Prometheus's JSON. */
export interface PrometheusReply {
  readonly status: string;
  readonly error?: string;
  readonly errorType?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  readonly data: { readonly resultType: string; readonly result: unknown };
}

type Pair = [seconds: number, value: string];

export function answerOf(reply: PrometheusReply): Answer {
  if (reply.status !== 'success') return { error: reply.error ?? '', type: reply.errorType ?? '' };
  const notes = notesOf(reply.warnings, reply.infos);
  const { resultType, result } = reply.data;
  if (resultType === 'scalar') return { series: { '': [pair(result as Pair)] }, notes };
  if (resultType === 'string') return { series: { [(result as Pair)[1]]: [] }, notes };
  const series = (result as { metric: Labels; value?: Pair; values?: Pair[] }[]).map(
    ({ metric, value, values }) => [formatLabels(metric), (values ?? [value as Pair]).map(pair)] as const,
  );
  return { series: Object.fromEntries(series), notes };
}

const ERROR_TYPES: Readonly<Partial<Record<ErrorCode, string>>> = { query_invalid: 'bad_data', query_failed: 'execution' };

/** A reply as an engine's result. @throws Error with Prometheus's message when it is a refusal. */
export function resultOf(reply: PrometheusReply): QueryResult {
  if (reply.status !== 'success') throw new Error(reply.error ?? '');
  const notes = { warnings: reply.warnings ?? [], infos: reply.infos ?? [] };
  const { resultType, result } = reply.data;
  if (resultType === 'scalar') {
    const [atMs, value] = pair(result as Pair);
    return { value: { type: 'scalar', atMs, value }, ...notes };
  }
  if (resultType === 'string') return { value: { type: 'string', atMs: 0, value: (result as Pair)[1] }, ...notes };
  const list = result as { metric: Labels; value?: Pair; values?: Pair[] }[];
  if (resultType === 'vector') {
    const samples = list.map(({ metric, value }) => {
      const [atMs, number] = pair(value ?? [0, 'NaN']);
      return { labels: metric, atMs, value: number };
    });
    return { value: { type: 'vector', samples }, ...notes };
  }
  const series = list.map(({ metric, values = [] }) => {
    const pairs = values.map(pair);
    return { labels: metric, timesMs: pairs.map(([atMs]) => atMs), values: pairs.map(([, value]) => value) };
  });
  return { value: { type: 'matrix', series }, ...notes };
}

/** Our own answer. */
export async function ourAnswer(ask: () => Promise<QueryResult>): Promise<Answer> {
  try {
    const { value, warnings, infos } = await ask();
    return { series: plain(value), notes: notesOf(warnings, infos) };
  } catch (error) {
    const type = error instanceof BellwetherError ? ERROR_TYPES[error.code] : undefined;
    return { error: messageOf(error), type: type ?? 'unknown' };
  }
}

/** Sorted. Prometheus repeats a histogram's annotations without the metric's name at later steps; the named ones are enough. */
function notesOf(warnings: readonly string[] = [], infos: readonly string[] = []): string[] {
  const all = [...warnings, ...infos];
  const withoutName = (note: string): string => note.replace(/(for metric name )"[^"]+"/, '$1""');
  return all.filter((note) => !all.some((other) => other !== note && withoutName(other) === note)).toSorted();
}

function pair([seconds, text]: Pair): [number, number] {
  const value = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
  return [Math.round(seconds * 1000), value];
}

function plain(value: QueryValue): Record<string, [number, number][]> {
  if (value.type === 'scalar') return { '': [[value.atMs, value.value]] };
  if (value.type === 'string') return { [value.value]: [] };
  if (value.type === 'vector')
    return Object.fromEntries(value.samples.map((sample) => [formatLabels(sample.labels), [[sample.atMs, sample.value]]]));
  return Object.fromEntries(
    value.series.map(({ labels, timesMs, values }) => [formatLabels(labels), timesMs.map((atMs, i) => [atMs, values[i] ?? Number.NaN])]),
  );
}

/** What differs, `undefined` when nothing does. Refusals need not have the same words; annotations do, unless `notes` is `false`. */
export function difference(ours: Answer, theirs: Answer, options: { readonly notes: boolean } = { notes: true }): string | undefined {
  if ('error' in ours || 'error' in theirs) {
    if ('error' in ours && 'error' in theirs)
      return ours.type === theirs.type ? undefined : `we fail as ${ours.type}: ${ours.error} THEY as ${theirs.type}: ${theirs.error}`;
    return 'error' in ours ? `we fail: ${ours.error}` : `they fail: ${(theirs as { error: string }).error}`;
  }
  for (const key of new Set([...Object.keys(ours.series), ...Object.keys(theirs.series)])) {
    const a = ours.series[key];
    const b = theirs.series[key];
    if (a === undefined || b === undefined) return `${key} is only ${a === undefined ? 'theirs' : 'ours'}`;
    if (a.length !== b.length) return `${key} has ${a.length} values, theirs ${b.length}`;
    const i = a.findIndex(([atMs, value], k) => atMs !== b[k]?.[0] || !near(value, b[k][1]));
    if (i >= 0) return `${key} differs: ${JSON.stringify(a[i])} theirs ${JSON.stringify(b[i])}`;
  }
  // Of more than ten annotations a random ten are shown.
  const isBounded = ours.notes.length > 10 && ours.notes.length === theirs.notes.length;
  if (options.notes && !isBounded && ours.notes.join('\n') !== theirs.notes.join('\n'))
    return `annotations differ: ${ours.notes.join('; ') || 'none'} THEIRS ${theirs.notes.join('; ') || 'none'}`;
  return undefined;
}

function near(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-6);
}
