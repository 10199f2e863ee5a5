import { ApiProblem } from '../problem.ts';

/** What Prometheus says of a list that `limit` cut short. */
const TRUNCATED = 'results truncated due to limit';

export interface Limited<T> {
  readonly items: readonly T[];
  readonly warnings: readonly string[];
}

/** The first items; without a limit, or with 0, all. @throws ApiProblem `parameter_invalid` */
export function limited<T>(items: readonly T[], limit: string | undefined): Limited<T> {
  const most = limit === undefined || limit === '' ? 0 : Number(limit);
  if (!Number.isInteger(most) || most < 0) throw new ApiProblem('parameter_invalid', 'limit: must be a whole number, 0 for no limit');
  return most === 0 || items.length <= most ? { items, warnings: [] } : { items: items.slice(0, most), warnings: [TRUNCATED] };
}
