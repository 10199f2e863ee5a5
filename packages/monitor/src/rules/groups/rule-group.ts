import type { Labels } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import type { CompiledTemplate } from '../template/template.ts';
import type { Levels } from './levels.ts';

/** Label or annotation name → template of its value. */
export type Templates = Readonly<Record<string, CompiledTemplate>>;

/** What becomes of a rule's alerts while its expression gives nothing (`no_data`) or fails (`error`). */
export interface GapPolicy {
  /** `alert`: an alert of its own, and the others stay as they are. `keep`: all stay as they are. `resolve`: they end. */
  readonly policy: 'alert' | 'keep' | 'resolve';
  /** Of the alert of its own. */
  readonly severity: Severity;
}

/** Learned limits: the expression's own trailing window tells what is unusual. */
export interface DynamicLimit {
  /** The side of the band on which a value is a breach. */
  readonly direction: 'above' | 'below' | 'both';
  /** Half width of the band in robust standard deviations, > 0. */
  readonly deviations: number;
  readonly windowMs: number;
  /** The band reaches at least this far from the median, in the expression's unit. */
  readonly minimum: number;
  readonly severity: Severity;
}

/** What `x_bellwether` adds to a rule. */
export interface RuleExtensions {
  /** Levels judge the values of an expression that does not compare by itself. */
  readonly levels: Levels | undefined;
  readonly dynamic: DynamicLimit | undefined;
  readonly noData: GapPolicy;
  /** For how long the same holds for each series that the expression gave and gives no more; `undefined`: only while it gives nothing at all. */
  readonly missingSeriesMs: number | undefined;
  readonly error: GapPolicy;
}

interface RuleBase {
  /** Stays the same over reloads for as long as group, name and static labels do: what alert state is kept by. */
  readonly id: string;
  readonly expr: string;
  readonly line: number;
}

export interface RecordingRule extends RuleBase {
  readonly kind: 'recording';
  readonly record: string;
  readonly labels: Labels;
}

export interface AlertingRule extends RuleBase {
  readonly kind: 'alerting';
  readonly alert: string;
  readonly holdMs: number;
  readonly keepFiringMs: number;
  readonly labels: Templates;
  readonly annotations: Templates;
  /** As written, for the API. */
  readonly source: { readonly labels: Labels; readonly annotations: Labels };
  /** A limit that the expression compares with at its top, for the API. */
  readonly comparedWith: number | undefined;
  readonly extensions: RuleExtensions;
}

export type Rule = RecordingRule | AlertingRule;

/** Rules that are evaluated one after another, at the same instant. */
export interface RuleGroup {
  readonly name: string;
  /** Where it was read from; empty when it came over the API. */
  readonly file: string;
  readonly intervalMs: number;
  /** Rules look this far back from the instant of the evaluation. */
  readonly queryOffsetMs: number;
  /** Alerts or series that each rule may yield; 0 means no limit of its own. */
  readonly limit: number;
  readonly rules: readonly Rule[];
}

/** Names a group among all. */
export function groupKey({ file, name }: Pick<RuleGroup, 'file' | 'name'>): string {
  return `${file};${name}`;
}
