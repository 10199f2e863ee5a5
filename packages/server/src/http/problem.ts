import { BellwetherError } from '@bellwether/monitor/engine';
import type { Problem } from '../api-types.ts';
import { PROBLEM_CODES, isProblemCode, type ProblemCode } from './problem-codes.ts';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A request that is refused or fails on purpose. Thrown by route handlers; the application turns it into an answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ProblemCode;
  readonly hint: string;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      readonly hint?: string;
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? PROBLEM_CODES[code].hint;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }
  get status(): number {
    return PROBLEM_CODES[this.code].status;
  }
}

/** Anything thrown as a problem. What was not expected becomes `internal_error` and tells nothing of itself: the log does. */
export function toProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  if (thrown instanceof BellwetherError && isProblemCode(thrown.code)) {
    const headers: Record<string, string> = PROBLEM_CODES[thrown.code].status === 503 ? { 'retry-after': '5' } : {};
    return new ApiProblem(thrown.code, thrown.message, {
      headers,
      cause: thrown,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    });
  }
  return new ApiProblem('internal_error', 'Something went wrong that should not have.', { cause: thrown });
}

/** @param base path below which the API is mounted, empty at the root. */
export function problemBody(problem: ApiProblem, base = ''): Problem {
  return {
    type: `${base}/api/docs#problem-${problem.code}`,
    title: PROBLEM_CODES[problem.code].title,
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    hint: problem.hint,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
}

export function problemResponse(problem: ApiProblem, base = ''): Response {
  return new Response(JSON.stringify(problemBody(problem, base)), {
    status: problem.status,
    headers: { ...problem.headers, 'content-type': 'application/problem+json' },
  });
}
