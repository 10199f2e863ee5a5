import type { ValueType } from './ast.ts';

/** What a function takes and gives. `optional` arguments come last; the last one repeats when `isVariadic`. */
export interface FunctionSignature {
  readonly args: readonly ValueType[];
  /** How many of `args` may be left out at the end. @default 0 */
  readonly optional?: number;
  /** Whether the last argument may be given any number of times, none included. */
  readonly isVariadic?: boolean;
  readonly returns: ValueType;
}

const over: FunctionSignature = { args: ['matrix'], returns: 'vector' };
const maths: FunctionSignature = { args: ['vector'], returns: 'vector' };
const calendar: FunctionSignature = { args: ['vector'], optional: 1, returns: 'vector' };

function each(names: string, signature: FunctionSignature): [string, FunctionSignature][] {
  return names.split(' ').map((name) => [name, signature]);
}

/** Every function of PromQL that works on floats and is not experimental. */
export const FUNCTION_SIGNATURES: ReadonlyMap<string, FunctionSignature> = new Map<string, FunctionSignature>([
  ...each('rate increase delta irate idelta deriv changes resets absent_over_time avg_over_time count_over_time', over),
  ...each('last_over_time max_over_time min_over_time present_over_time stddev_over_time stdvar_over_time sum_over_time', over),
  ['quantile_over_time', { args: ['scalar', 'matrix'], returns: 'vector' }],
  ['predict_linear', { args: ['matrix', 'scalar'], returns: 'vector' }],
  ...each('abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan tanh', maths),
  ...each('absent sort sort_desc timestamp', maths),
  ...each('histogram_count histogram_sum histogram_avg histogram_stddev histogram_stdvar', maths),
  ...each('day_of_month day_of_week day_of_year days_in_month hour minute month year', calendar),
  ['clamp', { args: ['vector', 'scalar', 'scalar'], returns: 'vector' }],
  ['clamp_max', { args: ['vector', 'scalar'], returns: 'vector' }],
  ['clamp_min', { args: ['vector', 'scalar'], returns: 'vector' }],
  ['round', { args: ['vector', 'scalar'], optional: 1, returns: 'vector' }],
  ['histogram_quantile', { args: ['scalar', 'vector'], returns: 'vector' }],
  ['histogram_fraction', { args: ['scalar', 'scalar', 'vector'], returns: 'vector' }],
  ['label_replace', { args: ['vector', 'string', 'string', 'string', 'string'], returns: 'vector' }],
  ['label_join', { args: ['vector', 'string', 'string', 'string'], isVariadic: true, returns: 'vector' }],
  ['scalar', { args: ['vector'], returns: 'scalar' }],
  ['vector', { args: ['scalar'], returns: 'vector' }],
  ['time', { args: [], returns: 'scalar' }],
  ['pi', { args: [], returns: 'scalar' }],
]);

/** Aggregations and the type of their parameter, if they take one. */
export const AGGREGATIONS: ReadonlyMap<string, ValueType | undefined> = new Map<string, ValueType | undefined>([
  ['sum', undefined],
  ['avg', undefined],
  ['min', undefined],
  ['max', undefined],
  ['count', undefined],
  ['group', undefined],
  ['stddev', undefined],
  ['stdvar', undefined],
  ['topk', 'scalar'],
  ['bottomk', 'scalar'],
  ['quantile', 'scalar'],
  ['count_values', 'string'],
]);
