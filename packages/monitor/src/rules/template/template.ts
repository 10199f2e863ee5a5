/**
 * Prometheus's templates for labels and annotations: Go's text/template with Prometheus's functions, as an interpreter of our own.
 *
 * Go's language is small, and interpreting it over plain data is what keeps code out of configuration: no property of a JavaScript object is
 * ever reached, patterns run in linear time, and steps, output, depth and queries are bounded. `query` needs a promise, everything else does
 * not; so an expansion runs synchronously, stops at a query whose answer it does not have, and begins anew with the answer (expansions are pure).
 * Text without `{{` costs nothing.
 */
import { messageOf } from '../../base/errors.ts';
import type { Labels } from '../../model/labels.ts';
import { evaluateTemplate } from './evaluate.ts';
import { parseTemplate } from './parse.ts';
import type { TemplateBudget } from './template-budget.ts';
import { mapOf, TemplateError, type TemplateSample } from './values.ts';

export type { TemplateSample } from './values.ts';

/** What a template sees. */
export interface TemplateData {
  readonly labels: Labels;
  readonly value: number;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly nowMs: number;
}

/** Answers an instant query at the moment of the evaluation, in at most `timeoutMs`. */
export type TemplateQuery = (expression: string, timeoutMs: number) => Promise<readonly TemplateSample[]>;

export interface CompiledTemplate {
  readonly isConstant: boolean;
  /** @param budget what all expansions of one evaluation may use. Rejects with TemplateError, TemplateBudgetError, or with what the query rejects with. */
  expand(data: TemplateData, query: TemplateQuery, budget: TemplateBudget): string | Promise<string>;
}

const VARIABLES = ['$labels', '$externalLabels', '$externalURL', '$value'];
const MOST_QUERIES = 20;
const LONGEST_SOURCE = 65_536;

/** @throws TemplateError when it is not a template. */
export function compileTemplate(source: string): CompiledTemplate {
  if (source.length > LONGEST_SOURCE) throw new TemplateError(`a template may have ${LONGEST_SOURCE} characters`);
  if (!source.includes('{{')) return { isConstant: true, expand: () => source };
  let parsed;
  try {
    parsed = parseTemplate(source, VARIABLES);
  } catch (error) {
    throw error instanceof TemplateError ? error : new TemplateError(messageOf(error));
  }
  const run = (data: TemplateData, answers: ReadonlyMap<string, readonly TemplateSample[]>, budget: TemplateBudget): string =>
    evaluateTemplate(parsed, {
      dot: mapOf({
        Labels: mapOf(data.labels),
        ExternalLabels: mapOf(data.externalLabels),
        ExternalURL: data.externalUrl,
        Value: data.value,
      }),
      variables: {
        $labels: mapOf(data.labels),
        $externalLabels: mapOf(data.externalLabels),
        $externalURL: data.externalUrl,
        $value: data.value,
      },
      context: {
        externalUrl: data.externalUrl,
        nowMs: data.nowMs,
        query: (expression) => {
          const answer = answers.get(expression);
          if (answer === undefined) throw new MissingAnswer(expression);
          return answer;
        },
      },
      spend: (steps) => budget.spendSteps(steps),
    });
  return {
    isConstant: false,
    expand: (data, query, budget) => {
      const answers = new Map<string, readonly TemplateSample[]>();
      try {
        return run(data, answers, budget);
      } catch (error) {
        if (!(error instanceof MissingAnswer)) throw error;
        return askAndRun(error.expression);
      }
      async function askAndRun(first: string): Promise<string> {
        for (let expression = first; answers.size < MOST_QUERIES;) {
          const asked = expression;
          answers.set(asked, await budget.spendQuery((timeoutMs) => query(asked, timeoutMs)));
          try {
            return run(data, answers, budget);
          } catch (error) {
            if (!(error instanceof MissingAnswer)) throw error;
            expression = error.expression;
          }
        }
        throw new TemplateError(`more than ${MOST_QUERIES} queries`);
      }
    },
  };
}

/** An expansion met a query that has not been asked yet. */
class MissingAnswer extends Error {
  readonly expression: string;
  constructor(expression: string) {
    super('A query has not been answered yet');
    this.expression = expression;
  }
}
