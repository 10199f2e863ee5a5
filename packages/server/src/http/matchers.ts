import type { Matcher } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { SilenceMatcher } from '../api-types.ts';
import { strictObject } from './validate.ts';

/** Matchers as Alertmanager writes them in JSON. */
export const matchersSchema: z.ZodType<readonly SilenceMatcher[]> = z
  .array(
    strictObject({
      name: z.string().min(1).max(200),
      value: z.string().max(2000),
      isRegex: z.boolean().default(false),
      isEqual: z.boolean().default(true),
    }),
  )
  .min(1)
  .max(50);

export function matchersOf(matchers: readonly SilenceMatcher[]): Matcher[] {
  return matchers.map(({ name, value, isRegex, isEqual }) => ({
    label: name,
    op: isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=',
    value,
  }));
}

export function matcherView({ label, op, value }: Matcher): SilenceMatcher {
  return { name: label, value, isRegex: op === '=~' || op === '!~', isEqual: op === '=' || op === '=~' };
}
