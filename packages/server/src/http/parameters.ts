import { z } from 'zod';
import { ApiProblem } from './problem.ts';

/** A whole number written in an address. */
export function wholeNumber(range: { readonly from: number; readonly to: number; readonly fallback: number }): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${range.from} to ${range.to}`)
    .transform(Number)
    .pipe(z.number().min(range.from).max(range.to))
    .default(range.fallback);
}

/** A choice; empty means no choice, as a form sends it. */
export function choice<const T extends string>(allowed: readonly T[]): z.ZodType<T | undefined> {
  return z
    .enum(['', ...allowed] as [string, ...string[]], {
      error: (issue) => `${JSON.stringify(String(issue.input).slice(0, 80))} is not allowed; use one of: ${allowed.join(', ')}`,
    })
    .optional()
    .transform((value) => (value === '' ? undefined : value)) as unknown as z.ZodType<T | undefined>;
}

/** Free text; empty means absent. */
export function text(longest = 500): z.ZodType<string | undefined> {
  return z
    .string()
    .max(longest)
    .optional()
    .transform((value) => (value === '' ? undefined : value));
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};
const DURATION = /^(?:\d{1,15}(?:ms|[smhdwy])){1,7}$/;
const PART = /(\d+)(ms|[smhdwy])/g;

/** Seconds as a number, or a duration such as `1h30m`. @returns ms, `undefined` when it is neither. */
export function parseDurationMs(value: string): number | undefined {
  const seconds = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(seconds)) return seconds * 1000;
  if (!DURATION.test(value)) return undefined;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(PART)) total += Number(amount) * (UNIT_SECONDS[unit ?? ''] ?? 0);
  return total * 1000;
}

/** Latest instant that a `Date` can hold. */
const LATEST_MS = 8.64e15;

/** Seconds since the epoch as a number, or RFC 3339. @returns ms, `undefined` when it is neither. */
export function parseTimeMs(value: string): number | undefined {
  const seconds = value.trim() === '' ? Number.NaN : Number(value);
  const atMs = Number.isNaN(seconds) && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : seconds * 1000;
  return Math.abs(atMs) <= LATEST_MS ? atMs : undefined;
}

/** @throws ApiProblem `parameter_invalid` */
export function timeParameter(name: string, value: string | undefined, fallbackMs: number): number {
  if (value === undefined || value === '') return fallbackMs;
  const atMs = parseTimeMs(value);
  if (atMs !== undefined) return Math.round(atMs);
  throw new ApiProblem('parameter_invalid', `${name}: ${JSON.stringify(value.slice(0, 80))} is not a time`, {
    hint: 'Give seconds since the epoch or RFC 3339, e.g. 2026-01-31T12:00:00Z.',
  });
}

/** @throws ApiProblem `parameter_invalid` */
export function durationParameter(name: string, value: string): number {
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  throw new ApiProblem('parameter_invalid', `${name}: ${JSON.stringify(value.slice(0, 80))} is not a duration greater than 0`, {
    hint: 'Give seconds, or a duration such as 30s or 5m.',
  });
}
