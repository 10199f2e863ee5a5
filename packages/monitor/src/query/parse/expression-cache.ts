import type { Expr } from './ast.ts';
import { parseExpression } from './parse.ts';

const MOST_EXPRESSIONS = 512;
/** Longer texts are parsed each time: few are asked twice, and many would fill memory. */
const LONGEST_TEXT = 2048;

/**
 * Parsed expressions by their text, the ones asked last. Rules, advice and dashboards ask the same few hundred again every second, and parsing is
 * most of what a small one costs. Expressions are never changed once parsed, so that all askers can share one.
 */
export class ExpressionCache {
  readonly #known = new Map<string, Expr>();

  /** @throws BellwetherError `query_invalid` with the position of what is wrong. */
  parse(text: string): Expr {
    if (text.length > LONGEST_TEXT) return parseExpression(text);
    let expr = this.#known.get(text);
    if (expr === undefined) {
      expr = parseExpression(text);
      const oldest = this.#known.keys().next();
      if (this.#known.size >= MOST_EXPRESSIONS && oldest.done !== true) this.#known.delete(oldest.value);
    } else this.#known.delete(text);
    this.#known.set(text, expr);
    return expr;
  }
}
