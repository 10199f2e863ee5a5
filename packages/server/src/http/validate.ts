import { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { ApiProblem, type FieldError } from './problem.ts';

const SHOWN_VALUE = 80;

/** An object that refuses unknown members and says which one was probably meant. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown "${short(key)}": ${didYouMean(key, known)}`).join('; ')
        : undefined,
  });
}

function short(text: string): string {
  return text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE)}…` : text;
}

function shown(value: unknown): string {
  return short(JSON.stringify(value) ?? String(value));
}

/** An empty choice is the absent one. */
const listed = (values: readonly unknown[]): string =>
  values
    .map(String)
    .filter((value) => value !== '')
    .join(', ');

function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `${shown(issue.input)} is not allowed; use one of: ${listed(issue.values)}`;
    case 'invalid_type':
      return issue.input === undefined ? `is required (${issue.expected})` : `${shown(issue.input)} is not of type ${issue.expected}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' || origin === 'set' ? ' items long' : '';
}

/** Deepest branches of a union say more than the union itself. */
function flatten(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branch = issue.errors.reduce((best, next) => (depth(next) > depth(best) ? next : best));
  return branch.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
}
const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map((issue) => issue.path.length));

function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap(flatten).map((issue) => ({ field: issue.path.map(String).join('.'), message: wordsOf(issue) }));
}

function sentence({ field, message }: FieldError): string {
  return field === '' ? message : `${field}: ${message}`;
}

/**
 * The value as the schema makes it.
 * @param where tells the problem's code: a parameter of the address or a body.
 * @throws ApiProblem `parameter_invalid` | `parameter_unknown` | `body_invalid`, its detail naming the field and what is allowed.
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown, where: 'parameter' | 'body'): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const errors = fieldErrors(result.error);
  const unknownOnly = result.error.issues.every((issue) => issue.code === 'unrecognized_keys');
  const code = where === 'body' ? 'body_invalid' : unknownOnly ? 'parameter_unknown' : 'parameter_invalid';
  throw new ApiProblem(code, errors.slice(0, 5).map(sentence).join('; '), { errors: errors.slice(0, 20) });
}
