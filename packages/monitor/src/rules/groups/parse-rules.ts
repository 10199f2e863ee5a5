import { createHash } from 'node:crypto';
import { messageOf } from '../../base/errors.ts';
import { isLabelName, isMetricName, seriesKey, type Labels } from '../../model/labels.ts';
import { unwrapParens, type Expr } from '../../query/parse/ast.ts';
import { typeOf } from '../../query/parse/check-types.ts';
import { parseExpression } from '../../query/parse/parse.ts';
import { compileTemplate } from '../template/template.ts';
import { parseExtensions, PLAIN_EXTENSIONS } from './parse-extensions.ts';
import type { AlertingRule, RecordingRule, Rule, RuleGroup, Templates } from './rule-group.ts';
import { YamlReader } from './yaml-reader.ts';

export interface ParseRulesOptions {
  /** Names the text in errors and the groups in listings; empty for rules from the API. */
  readonly file: string;
  /** Of groups that name none, > 0. */
  readonly defaultIntervalMs: number;
  /** Chooses among `x_bellwether.environments`. */
  readonly environment?: string | undefined;
}

const GROUP_KEYS = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules', 'partial_response_strategy'] as const;
const ALERT_KEYS = ['alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations', 'x_bellwether'] as const;
const RECORD_KEYS = ['record', 'expr', 'labels'] as const;
const SHORTEST_INTERVAL_MS = 100;
const MOST_RULES = 10_000;
const LONGEST_TEXT = 4_000_000;

/**
 * Reads rule groups in Prometheus's YAML (JSON is YAML, too), with `x_bellwether` for what Prometheus does not know. Without a file name the text may
 * be one group alone.
 * @throws BellwetherError `rule_invalid`: one line with file, line, what is wrong and what is allowed.
 */
export function parseRules(text: string, options: ParseRulesOptions): readonly RuleGroup[] {
  const shown = options.file === '' ? 'rules' : options.file;
  const root = YamlReader.parse(text.slice(0, LONGEST_TEXT), shown);
  if (text.length > LONGEST_TEXT) root.refuse(`longer than ${LONGEST_TEXT} characters`);
  const names = new Set<string>();
  let count = 0;
  const isBareGroup = options.file === '' && !root.members().has('groups');
  const readers = isBareGroup ? [root] : root.object(['groups']).groups.items();
  return readers.map((reader) => {
    const group = readGroup(reader, options);
    if (names.has(group.name)) reader.refuse(`the group name ${JSON.stringify(group.name)} is repeated in the file`);
    names.add(group.name);
    count += group.rules.length;
    if (count > MOST_RULES) reader.refuse(`more than ${MOST_RULES} rules in one file`);
    return group;
  });
}

function readGroup(reader: YamlReader, options: ParseRulesOptions): RuleGroup {
  const fields = reader.object(GROUP_KEYS);
  const name = fields.name.text('');
  if (name === '') fields.name.refuse('a group needs a name');
  const intervalMs = fields.interval.durationMs(options.defaultIntervalMs);
  if (intervalMs < SHORTEST_INTERVAL_MS) fields.interval.refuse(`must be at least ${SHORTEST_INTERVAL_MS}ms`);
  const shared = labelsOf(fields.labels);
  const used = new Map<string, number>();
  const rules = fields.rules.items().flatMap((item) => readRule(item, { group: `${options.file};${name}`, shared, used, options }) ?? []);
  return {
    name,
    file: options.file,
    intervalMs,
    queryOffsetMs: fields.query_offset.durationMs(0),
    limit: fields.limit.wholeNumber(0),
    rules,
  };
}

interface Place {
  readonly group: string;
  /** Labels of the group, which a rule's own override. */
  readonly shared: Labels;
  /** How often an id was given in the group. */
  readonly used: Map<string, number>;
  readonly options: ParseRulesOptions;
}

function readRule(reader: YamlReader, place: Place): Rule | undefined {
  const members = reader.members();
  if (members.has('record') && members.has('alert')) reader.refuse('a rule has either "record" or "alert", not both');
  if (members.has('record')) return readRecording(reader, place);
  return members.has('alert') ? readAlerting(reader, place) : reader.refuse('a rule needs "record" or "alert"');
}

function readRecording(reader: YamlReader, place: Place): RecordingRule {
  const { record, expr, labels } = reader.object(RECORD_KEYS);
  const name = record.text();
  if (!isMetricName(name)) record.refuse(`${JSON.stringify(name)} is not a metric name`);
  const own = { ...place.shared, ...labelsOf(labels) };
  const { text } = expressionOf(expr);
  return { kind: 'recording', record: name, labels: own, expr: text, line: reader.line, id: idOf('record', name, own, place) };
}

function readAlerting(reader: YamlReader, place: Place): AlertingRule | undefined {
  const fields = reader.object(ALERT_KEYS);
  const name = fields.alert.text();
  if (name === '') fields.alert.refuse('an alert needs a name');
  const labels = { ...place.shared, ...labelsOf(fields.labels) };
  const annotations = textsOf(fields.annotations);
  const { text, expr } = expressionOf(fields.expr);
  const extensions = fields.x_bellwether.isAbsent
    ? { ...PLAIN_EXTENSIONS, isEnabled: true, holdMs: undefined }
    : parseExtensions(fields.x_bellwether, place.options.environment);
  if (!extensions.isEnabled) return undefined;
  const { isEnabled: _, holdMs, ...rest } = extensions;
  return {
    kind: 'alerting',
    alert: name,
    expr: text,
    line: reader.line,
    id: idOf('alert', name, labels, place),
    holdMs: holdMs ?? fields.for.durationMs(0),
    keepFiringMs: fields.keep_firing_for.durationMs(0),
    labels: templatesOf(labels, fields.labels, 'label'),
    annotations: templatesOf(annotations, fields.annotations, 'annotation'),
    source: { labels, annotations },
    comparedWith: comparedWith(expr),
    extensions: rest,
  };
}

function expressionOf(reader: YamlReader): { readonly text: string; readonly expr: Expr } {
  const text = reader.text().trim();
  try {
    const expr = parseExpression(text);
    const type = typeOf(expr);
    if (type !== 'vector' && type !== 'scalar') return reader.refuse(`gives a ${type}; a rule needs an instant vector or a scalar`);
    return { text, expr };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'rule_invalid' ? thrown(error) : reader.refuse(messageOf(error));
  }
}

function thrown(error: Error): never {
  throw error;
}

function textsOf(reader: YamlReader): Labels {
  const texts: Record<string, string> = {};
  for (const [name, value] of reader.members()) {
    if (!isLabelName(name)) value.refuse('the name may hold letters, digits and _ and begin with no digit');
    texts[name] = value.text('');
  }
  return texts;
}

function labelsOf(reader: YamlReader): Labels {
  const labels = textsOf(reader);
  if (Object.hasOwn(labels, '__name__')) reader.refuse('__name__ cannot be set');
  return labels;
}

function templatesOf(texts: Labels, reader: YamlReader, what: string): Templates {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      try {
        return [name, compileTemplate(text)];
      } catch (error) {
        return reader.refuse(`${what} "${name}" is not a template: ${messageOf(error)}`);
      }
    }),
  );
}

/** Names a rule by what people know it by; rules that share all of it are told apart by their order. */
function idOf(kind: string, name: string, labels: Labels, { group, used }: Place): string {
  const base = createHash('sha256')
    .update(`${kind}\0${group}\0${seriesKey(name, labels)}`)
    .digest('base64url')
    .slice(0, 20);
  const count = used.get(base) ?? 0;
  used.set(base, count + 1);
  return count === 0 ? base : `${base}.${count}`;
}

const ORDERED: ReadonlySet<string> = new Set(['>', '<', '>=', '<=', '==', '!=']);

function comparedWith(expr: Expr): number | undefined {
  const top = unwrapParens(expr);
  if (top.kind !== 'binary' || !ORDERED.has(top.op)) return undefined;
  return numberOf(top.right) ?? numberOf(top.left);
}

function numberOf(expr: Expr): number | undefined {
  const inner = unwrapParens(expr);
  if (inner.kind === 'number') return inner.value;
  if (inner.kind !== 'unary') return undefined;
  const value = numberOf(inner.expr);
  return value === undefined || inner.op === '+' ? value : -value;
}
