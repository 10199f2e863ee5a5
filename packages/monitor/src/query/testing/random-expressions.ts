/** Random valid expressions over the differential test's series. Seeded: the same count gives the same expressions. */
export function randomExpressions(count: number, seed = 20_261): string[] {
  let state = seed;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const pick = <T extends string | ((depth: number) => string)>(choices: readonly T[]): T => {
    const chosen = choices[random(choices.length)];
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  };
  const shift = (): string => pick(['', '', '', ' offset 2m', ' offset -1m', ' @ start()', ' @ end() offset 3m']);
  const selector = (): string =>
    pick(['requests_total', 'temperature', 'up', 'odd', 'latency_bucket', 'owner']) +
    pick(['', '', '{job="api"}', '{job!="db"}', '{instance=~"a|b"}', '{job=~".+b.*"}']);
  const range = (depth: number): string =>
    depth > 0 && random(4) === 0
      ? `${wrap(vector(depth - 1))}[${pick(['3m', '10m'])}:${pick(['', '17s', '1m'])}]${shift()}`
      : `${selector()}[${pick(['40s', '2m', '5m', '11m'])}]${shift()}`;
  const wrap = (text: string): string => `(${text})`;
  const scalar = (depth: number): string =>
    depth > 0 && random(5) === 0
      ? `scalar(${vector(depth - 1)})`
      : pick(['0', '1', '2.5', '-3', '1e6', 'NaN', 'Inf', 'time()', '0.1', 'pi()']);
  const matching = (): string =>
    pick([
      '',
      '',
      ' on (job)',
      ' ignoring (instance)',
      ' on (job, instance)',
      ' on (job) group_left ()',
      ' on (job) group_right (team)',
      ' ignoring (le) group_left (team)',
    ]);
  const binary = (depth: number): string => {
    const op = pick(['+', '-', '*', '/', '%', '^', 'atan2', '==', '!=', '>', '<', '>=', '<=', '> bool', '== bool', 'and', 'or', 'unless']);
    const isSet = ['and', 'or', 'unless'].includes(op);
    const kind = isSet ? 2 : random(4);
    if (kind === 0) return `${wrap(vector(depth - 1))} ${op} ${scalar(depth - 1)}`;
    if (kind === 1) return `${scalar(depth - 1)} ${op} ${wrap(vector(depth - 1))}`;
    const modifier = isSet ? pick(['', ' on (job)', ' ignoring (instance, le)']) : matching();
    return `${wrap(vector(depth - 1))} ${op}${modifier} ${wrap(vector(depth - 1))}`;
  };
  const grouping = (): string => pick(['', '', ' by (job)', ' without (instance)', ' by (le, job)', ' without ()', ' by (__name__)']);
  const aggregation = (depth: number): string => {
    const op = pick(['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'quantile', 'count_values']);
    const parameter = op.endsWith('k')
      ? `${random(4)}, `
      : op === 'quantile'
        ? `${pick(['0.3', '0.5', '1'])}, `
        : op === 'count_values'
          ? '"v", '
          : '';
    // Values that differ in the last digit make other labels, and equal ones make topk's choice arbitrary.
    const inner = op === 'count_values' ? `round(${vector(depth - 1)})` : op.endsWith('k') ? `temperature${shift()}` : vector(depth - 1);
    return `${op}${grouping()} (${parameter}${inner})`;
  };
  const call = (depth: number): string => {
    const inner = vector(depth - 1);
    return pick([
      `abs(${inner})`,
      `ceil(${inner})`,
      `sqrt(${inner})`,
      `sgn(${inner})`,
      `clamp(${inner}, -1, ${scalar(0)})`,
      `round(${inner}, ${pick(['1', '0.5', '10'])})`,
      `timestamp(${inner})`,
      `absent(${inner})`,
      `-${wrap(inner)}`,
      `label_replace(${inner}, "x", "$1", "job", "(.).*")`,
      `histogram_quantile(0.${random(10)}, ${inner})`,
      `vector(${scalar(depth)})`,
      `minute(abs(${inner}) < 1e9)`,
    ]);
  };
  const rangeCall = (depth: number): string => {
    const name = pick(
      'rate increase delta irate idelta deriv changes resets avg_over_time count_over_time last_over_time max_over_time min_over_time present_over_time stddev_over_time sum_over_time absent_over_time'.split(
        ' ',
      ),
    );
    return random(8) === 0 ? `quantile_over_time(0.${random(10)}, ${range(depth)})` : `${name}(${range(depth)})`;
  };
  function vector(depth: number): string {
    if (depth <= 0) return random(3) === 0 ? rangeCall(0) : selector() + shift();
    return pick([binary, binary, aggregation, aggregation, call, rangeCall])(depth);
  }
  return Array.from({ length: count }, () => vector(1 + random(3)));
}
