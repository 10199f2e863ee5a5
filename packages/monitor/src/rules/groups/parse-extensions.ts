import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { faultOf, inOrder, type Level, type Levels } from './levels.ts';
import type { DynamicLimit, GapPolicy, RuleExtensions } from './rule-group.ts';
import type { YamlReader } from './yaml-reader.ts';

const KEYS = [
  'fire',
  'clear',
  'severity',
  'thresholds',
  'direction',
  'dynamic',
  'no_data',
  'error',
  'enabled',
  'for',
  'environments',
] as const;
type Key = (typeof KEYS)[number];
const POLICIES = ['alert', 'keep', 'resolve'] as const;
const DIRECTIONS = ['above', 'below', 'both'] as const;
const HOUR_MS = 3_600_000;
const LONGEST_WINDOW_MS = 7 * 24 * HOUR_MS;

const RESOLVE: GapPolicy = { policy: 'resolve', severity: 'high' };
const KEEP: GapPolicy = { policy: 'keep', severity: 'high' };

/** Prometheus's own behaviour: what is absent ends, and an error changes nothing. */
export const PLAIN_EXTENSIONS: RuleExtensions = {
  levels: undefined,
  dynamic: undefined,
  noData: RESOLVE,
  missingSeriesMs: undefined,
  error: KEEP,
};

/**
 * Reads `x_bellwether`, the section for the environment laid over it key by key.
 * @throws BellwetherError `rule_invalid`
 */
export function parseExtensions(
  reader: YamlReader,
  environment: string | undefined,
): RuleExtensions & { readonly isEnabled: boolean; readonly holdMs: number | undefined } {
  const base = reader.object(KEYS);
  const environments = base.environments.members();
  const overlays = [...environments].map(([name, section]) => ({ name, fields: section.object(KEYS) }));
  for (const { fields } of overlays) if (!fields.environments.isAbsent) fields.environments.refuse('environments do not nest');
  const chosen = overlays.find(({ name }) => name === environment)?.fields;
  const fields = Object.fromEntries(
    KEYS.map((key) => [key, chosen === undefined || chosen[key].isAbsent ? base[key] : chosen[key]]),
  ) as Record<Key, YamlReader>;
  const levels = levelsOf(fields);
  const dynamic = dynamicOf(fields, levels);
  if (!fields.no_data.isAbsent && levels === undefined && dynamic === undefined)
    fields.no_data.refuse(
      'needs fire, thresholds or dynamic: an expression that compares gives nothing both without data and without a breach',
    );
  return {
    levels,
    dynamic,
    ...noDataOf(fields.no_data),
    error: policyOf(fields.error, KEEP),
    isEnabled: fields.enabled.boolean(true),
    holdMs: fields.for.isAbsent ? undefined : fields.for.durationMs(),
  };
}

function levelsOf(fields: Readonly<Record<Key, YamlReader>>): Levels | undefined {
  const { fire, clear, severity, thresholds, direction } = fields;
  if (fire.isAbsent && thresholds.isAbsent) {
    if (!clear.isAbsent) clear.refuse('needs fire or thresholds');
    if (!direction.isAbsent && fields.dynamic.isAbsent) direction.refuse('needs fire, thresholds or dynamic');
    return undefined;
  }
  if (!fire.isAbsent && !thresholds.isAbsent) return thresholds.refuse('give either fire or thresholds, not both');
  const levels = thresholds.isAbsent
    ? [{ severity: severityOf(severity), fire: fire.number(), clear: clear.number(fire.number()) }]
    : inOrder([...thresholds.members(SEVERITIES)].map(([name, level]) => levelOf(name as Severity, level)));
  if (levels.length === 0) return thresholds.refuse(`needs at least one of: ${SEVERITIES.join(', ')}`);
  const read: Levels = { levels, direction: direction.choice(['above', 'below'], directionOf(levels)) };
  const fault = faultOf(read);
  return fault === undefined ? read : (thresholds.isAbsent ? fire : thresholds).refuse(fault);
}

function levelOf(severity: Severity, reader: YamlReader): Level {
  if (!reader.isMap) return { severity, fire: reader.number(), clear: reader.number() };
  const { fire, clear } = reader.object(['fire', 'clear']);
  return { severity, fire: fire.number(), clear: clear.number(fire.number()) };
}

function severityOf(reader: YamlReader): Severity {
  return reader.choice(SEVERITIES, 'high');
}

/** As the limits themselves tell: the more severe one is farther out, and clearing lies on the good side. */
function directionOf(levels: readonly Level[]): 'above' | 'below' {
  const [first, second] = levels;
  const hysteretic = levels.find((level) => level.clear !== level.fire);
  if (hysteretic !== undefined) return hysteretic.clear < hysteretic.fire ? 'above' : 'below';
  return first !== undefined && second !== undefined && second.fire < first.fire ? 'below' : 'above';
}

function dynamicOf(
  { dynamic: reader, severity, direction }: Readonly<Record<Key, YamlReader>>,
  levels: Levels | undefined,
): DynamicLimit | undefined {
  if (!reader.isMap && !reader.boolean(false)) return undefined;
  const { deviations, window, minimum } = reader.isMap
    ? reader.object(['deviations', 'window', 'minimum'])
    : { deviations: undefined, window: undefined, minimum: undefined };
  const limit: DynamicLimit = {
    direction: levels?.direction ?? direction.choice(DIRECTIONS, 'above'),
    deviations: deviations?.number(6) ?? 6,
    windowMs: window?.durationMs(HOUR_MS) ?? HOUR_MS,
    minimum: minimum?.number(0) ?? 0,
    severity: severity.choice(SEVERITIES, 'low'),
  };
  if (!(limit.deviations > 0)) reader.refuse('deviations must be above 0');
  if (!(limit.minimum >= 0)) reader.refuse('minimum must be at least 0');
  if (limit.windowMs < 60_000 || limit.windowMs > LONGEST_WINDOW_MS) reader.refuse('window must be from 1m to 7d');
  return limit;
}

function policyOf(reader: YamlReader, fallback: GapPolicy): GapPolicy {
  if (reader.isAbsent) return fallback;
  if (!reader.isMap) return { policy: reader.choice(POLICIES), severity: fallback.severity };
  return policyIn(reader.object(['policy', 'severity']));
}

function policyIn({ policy, severity }: Readonly<Record<'policy' | 'severity', YamlReader>>): GapPolicy {
  return { policy: policy.choice(POLICIES), severity: severityOf(severity) };
}

function noDataOf(reader: YamlReader): Pick<RuleExtensions, 'noData' | 'missingSeriesMs'> {
  if (!reader.isMap) return { noData: policyOf(reader, RESOLVE), missingSeriesMs: undefined };
  const { missing_series: missing, ...fields } = reader.object(['policy', 'severity', 'missing_series']);
  const noData = policyIn(fields);
  if (missing.isAbsent) return { noData, missingSeriesMs: undefined };
  if (noData.policy === 'resolve') missing.refuse('needs the policy alert or keep: a series that is gone ends by itself');
  const missingSeriesMs = missing.durationMs();
  if (missingSeriesMs < 60_000 || missingSeriesMs > LONGEST_WINDOW_MS) missing.refuse('must be from 1m to 7d');
  return { noData, missingSeriesMs };
}
