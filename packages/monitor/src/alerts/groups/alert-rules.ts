import type { Clock } from '../../base/clock.ts';
import { BellwetherError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { parseRules } from '../../rules/groups/parse-rules.ts';
import { groupKey, type RuleGroup } from '../../rules/groups/rule-group.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { AlertRules, RuleGroupStatus } from '../alerting.ts';
import { isActive, activeSince } from '../state/next-state.ts';
import { PUSHED, THRESHOLDS } from '../state/tracked-alert.ts';
import { endAll } from './evaluate-alerting.ts';
import { GroupRunner, type GroupDependencies } from './group-runner.ts';

export interface AlertRulesOptions extends GroupDependencies {
  readonly state: StateStore;
  readonly log: Logger;
  readonly defaultIntervalMs: number;
  readonly environment: string | undefined;
  /** Runs work that no evaluation may interleave with. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Of the API, whose requests are read while everybody waits (a tenth of a second to one for the longest text); files may hold more. */
const LONGEST_SAVED_TEXT = 65_536;
const MOST_SAVED_GROUPS = 1000;
const MOST_RULES_OF_GROUP = 500;
const MOST_SAVED_RULES = 10_000;

/** Rule groups of files and of the API, evaluated each in its own time. */
export class SqlAlertRules implements AlertRules, Disposable {
  readonly #with: AlertRulesOptions;
  readonly #clock: Clock;
  readonly #texts = new Map<string, string>();
  #runners: ReadonlyMap<string, GroupRunner> = new Map();

  private constructor(options: AlertRulesOptions) {
    this.#with = options;
    this.#clock = options.clock;
  }

  /** With the groups that were saved over the API. */
  static async open(options: AlertRulesOptions, fileGroups: readonly RuleGroup[]): Promise<SqlAlertRules> {
    const rules = new SqlAlertRules(options);
    const saved: RuleGroup[] = [];
    for (const row of await options.state.db.selectFrom('rule_groups').selectAll().orderBy('name').execute()) {
      rules.#texts.set(row.name, row.source_text);
      saved.push(...rules.#readable(row));
    }
    await rules.#use([...fileGroups, ...saved]);
    return rules;
  }

  /** When a group is due next; `undefined` without groups. */
  dueAtMs(nowMs: number): number | undefined {
    let first: number | undefined;
    for (const runner of this.#runners.values()) first = Math.min(first ?? Infinity, runner.dueAtMs(nowMs));
    return first;
  }

  /** Evaluates the groups that are due. One that fails does not hold up the others. @returns notifications planned */
  async evaluateDue(nowMs: number): Promise<number> {
    let planned = 0;
    let failure: unknown;
    for (const runner of this.#runners.values()) {
      try {
        planned += await runner.evaluateDue(nowMs);
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return planned;
  }

  /** Evaluates all groups at one instant; see `Alerting.evaluateAllRules`. */
  async evaluateAll(atMs: number, order: readonly string[]): Promise<number> {
    const place = (runner: GroupRunner): number => Math.max(0, order.indexOf(runner.group.name));
    let planned = 0;
    for (const runner of [...this.#runners.values()].toSorted((a, b) => place(a) - place(b))) planned += await runner.evaluate(atMs);
    return planned;
  }

  /** Ends what rules still ask. */
  [Symbol.dispose](): void {
    this.#with.answers.keepOnly(new Set());
  }

  groups(): readonly RuleGroupStatus[] {
    return [...this.#runners.values()].map((runner) => this.#statusOf(runner));
  }

  sourceOf(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** Takes the groups that other servers saved or removed. Callers see to it that nothing interleaves. */
  async reread(): Promise<void> {
    const rows = await this.#with.state.db.selectFrom('rule_groups').selectAll().orderBy('name').execute();
    const isKnown = rows.length === this.#texts.size && rows.every(({ name, source_text }) => this.#texts.get(name) === source_text);
    if (isKnown) return;
    const saved = rows.flatMap((row) => {
      const isSame = this.#texts.get(row.name) === row.source_text;
      return isSame ? this.#groupsWhere((file, name) => file === '' && name === row.name) : this.#readable(row);
    });
    this.#texts.clear();
    for (const { name, source_text } of rows) this.#texts.set(name, source_text);
    await this.#use([...this.#groupsWhere((file) => file !== ''), ...saved]);
  }

  /** One that can no longer be read is told in the log and left out, never lost. */
  #readable({ name, source_text }: { readonly name: string; readonly source_text: string }): RuleGroup[] {
    try {
      return [this.#parse(source_text)];
    } catch (error) {
      this.#with.log.error({ group: name, error: messageOf(error) }, 'A saved rule group cannot be read and is not evaluated');
      return [];
    }
  }

  replaceFileGroups(groups: readonly RuleGroup[]): Promise<void> {
    return this.#with.exclusively(() => this.#use([...groups, ...this.#groupsWhere((file) => file === '')]));
  }

  save(text: string, options: { readonly replaces?: string } = {}): Promise<RuleGroupStatus> {
    return this.#with.exclusively(async () => {
      const group = this.#parseSmall(text);
      const { replaces } = options;
      if (replaces !== undefined && replaces !== group.name)
        throw new BellwetherError('rule_invalid', `The group is named ${JSON.stringify(group.name)}, not ${JSON.stringify(replaces)}`);
      const known = this.#texts.has(group.name);
      if (known && replaces === undefined)
        throw new BellwetherError('state_conflict', `A rule group named ${JSON.stringify(group.name)} exists already`, {
          hint: 'Replace it with PUT.',
        });
      if (!known && this.#texts.size >= MOST_SAVED_GROUPS)
        throw new BellwetherError('rule_invalid', `There are ${MOST_SAVED_GROUPS} rule groups already; remove some first`);
      const others = this.#groupsWhere((file, name) => file === '' && name !== group.name);
      if (others.reduce((sum, { rules }) => sum + rules.length, group.rules.length) > MOST_SAVED_RULES)
        throw new BellwetherError('rule_invalid', `The groups of the API would have more than ${MOST_SAVED_RULES} rules together`, {
          hint: 'Remove some first, or put them into rule files.',
        });
      const row = { name: group.name, source_text: text, updated_at_ms: this.#clock.nowMs() };
      await this.#with.state.db
        .insertInto('rule_groups')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      this.#texts.set(group.name, text);
      await this.#use([...this.#groupsWhere((file, name) => file !== '' || name !== group.name), group]);
      return this.#statusOf(this.#runners.get(groupKey(group)) as GroupRunner);
    });
  }

  remove(name: string): Promise<void> {
    return this.#with.exclusively(async () => {
      if (!this.#texts.has(name)) throw new BellwetherError('state_not_found', `No rule group of the API is named ${JSON.stringify(name)}`);
      await this.#with.state.db.deleteFrom('rule_groups').where('name', '=', name).execute();
      this.#texts.delete(name);
      await this.#use(this.#groupsWhere((file, other) => file !== '' || other !== name));
    });
  }

  /** One that is no larger than a group of the API may be. */
  #parseSmall(text: string): RuleGroup {
    const hint = 'Split it into several groups, or put it into a rule file.';
    if (text.length > LONGEST_SAVED_TEXT)
      throw new BellwetherError('rule_invalid', `A rule group of the API may have ${LONGEST_SAVED_TEXT} characters`, { hint });
    const group = this.#parse(text);
    if (group.rules.length > MOST_RULES_OF_GROUP)
      throw new BellwetherError('rule_invalid', `A rule group of the API may have ${MOST_RULES_OF_GROUP} rules`, { hint });
    return group;
  }

  #parse(text: string): RuleGroup {
    const { defaultIntervalMs, environment } = this.#with;
    const groups = parseRules(text, { file: '', defaultIntervalMs, environment });
    const [group, ...more] = groups;
    if (group === undefined || more.length > 0)
      throw new BellwetherError('rule_invalid', `rules: one group is expected, there are ${groups.length}`);
    return group;
  }

  #groupsWhere(wanted: (file: string, name: string) => boolean): RuleGroup[] {
    return [...this.#runners.values()].map(({ group }) => group).filter(({ file, name }) => wanted(file, name));
  }

  /** Puts a set of groups in the place of the present one: what both have goes on, alerts of rules that are gone end. */
  async #use(groups: readonly RuleGroup[]): Promise<void> {
    const before = this.#runners;
    const runners = new Map<string, GroupRunner>();
    for (const group of groups) {
      const key = groupKey(group);
      const earlier = before.get(key);
      const runner = earlier?.group === group ? earlier : new GroupRunner(group, this.#with);
      if (earlier !== undefined && runner !== earlier) runner.inherit(earlier);
      runners.set(key, runner);
    }
    const ids = new Set(groups.flatMap((group) => group.rules.map((rule) => rule.id)));
    const nowMs = this.#clock.nowMs();
    const { book, bands, missing, answers } = this.#with;
    for (const runner of before.values()) await runner.markEnded(ids, nowMs);
    const orphans = book.ruleIds.filter((id) => id !== THRESHOLDS && id !== PUSHED && !ids.has(id));
    await book.commit(
      orphans.map((id) => endAll(id, book.alertsOf(id), 'rule_removed')),
      nowMs,
    );
    bands.keepOnly(ids);
    missing.keepOnly(ids);
    answers.keepOnly(new Set(groups.flatMap((group) => group.rules)));
    this.#runners = runners;
  }

  #statusOf(runner: GroupRunner): RuleGroupStatus {
    const { group } = runner;
    return {
      group,
      evaluatedAtMs: runner.evaluatedAtMs,
      evaluationMs: runner.evaluationMs,
      rules: group.rules.map((rule) => ({
        rule,
        ...runner.healthOf(rule),
        alerts: [...this.#with.book.alertsOf(rule.id).values()].map(({ metricName, labels, annotations, currentValue, state }) => ({
          labels: { ...labels, alertname: metricName },
          annotations: annotations ?? {},
          value: currentValue,
          state: isActive(state) ? 'firing' : 'pending',
          activeAtMs: activeSince(state) ?? 0,
          keepFiringSinceMs: state.phase === 'recovering' ? state.sinceMs : undefined,
        })),
      })),
    };
  }
}
