import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BellwetherError, messageOf } from '../../base/errors.ts';
import { parseRules, type ParseRulesOptions } from './parse-rules.ts';
import type { RuleGroup } from './rule-group.ts';

/** A file of rules as it was read. */
export interface RuleFile {
  readonly file: string;
  readonly text: string;
}

/** Of groups that name no interval: Prometheus's own default. */
export const DEFAULT_GROUP_INTERVAL_MS = 60_000;
const LARGEST_BYTES = 4_000_000;
const MOST_FILES = 1000;

/**
 * Reads the files that patterns name; `*` and `?` may stand in the last part of a path. A pattern that fits nothing is no error, a plain path is.
 * @param folder what relative patterns are relative to
 * @throws BellwetherError `rule_invalid` that names the file
 */
export function readRuleFiles(patterns: readonly string[], folder: string): readonly RuleFile[] {
  const files = [...new Set(patterns.flatMap((pattern) => matching(path.resolve(folder, pattern))))];
  if (files.length > MOST_FILES) throw new BellwetherError('rule_invalid', `${files.length} rule files are more than ${MOST_FILES}`);
  return files.map((file) => ({ file, text: read(file) }));
}

/** @throws BellwetherError `rule_invalid` */
export function parseRuleFiles(files: readonly RuleFile[], options: Pick<ParseRulesOptions, 'environment'> = {}): readonly RuleGroup[] {
  return files.flatMap(({ file, text }) => parseRules(text, { file, defaultIntervalMs: DEFAULT_GROUP_INTERVAL_MS, ...options }));
}

function read(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > LARGEST_BYTES) throw new RangeError(`it has more than ${LARGEST_BYTES} characters`);
    return text;
  } catch (error) {
    throw new BellwetherError('rule_invalid', `${file}:1: cannot be read: ${messageOf(error)}`, { details: { file } });
  }
}

function matching(pattern: string): readonly string[] {
  const name = path.basename(pattern);
  const folder = path.dirname(pattern);
  if (/[*?]/.test(folder)) throw new BellwetherError('rule_invalid', `${pattern}: * and ? are allowed in the last part of the path only`);
  if (!/[*?]/.test(name)) return [pattern];
  try {
    return readdirSync(folder)
      .filter((entry) => fits(entry, name))
      .toSorted()
      .map((entry) => path.join(folder, entry));
  } catch {
    return [];
  }
}

/** Shell pattern of `*` and `?`, in time |text| · |pattern|: each star keeps the place to go back to. */
function fits(text: string, pattern: string): boolean {
  let [t, p, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
