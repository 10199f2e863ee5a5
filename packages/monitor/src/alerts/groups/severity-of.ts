import { SEVERITIES, type Severity } from '../../model/severity.ts';

/** Words that rule files use for urgency, as our four. */
const WORDS: Readonly<Record<string, Severity>> = {
  page: 'critical',
  emergency: 'critical',
  fatal: 'critical',
  error: 'high',
  major: 'high',
  warning: 'medium',
  warn: 'medium',
  minor: 'medium',
  ticket: 'medium',
  info: 'low',
  notice: 'low',
  none: 'low',
};

/** Severity of a rule's label `severity`. @returns medium for words we do not know, and without one */
export function severityOf(label: string | undefined): Severity {
  const word = label?.toLowerCase() ?? '';
  return SEVERITIES.find((severity) => severity === word) ?? (Object.hasOwn(WORDS, word) ? (WORDS[word] as Severity) : 'medium');
}
