/**
 * The text of a statement without its literals: what all calls of one place in the code have in common. One pass of a tokenizer over the
 * dialects of SQLite, PostgreSQL and MySQL: comments go, strings and numbers become `?`, lists of placeholders shrink to `(?, …)`, white
 * space collapses. Double-quoted text is a name and stays, but in MySQL, where it is a string; redaction of labels is the second line. O(n); text beyond 4 KB is not looked at.
 */
const LONGEST_INPUT = 4096;
const LONGEST_FINGERPRINT = 200;

const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|[eExXbBnN]?'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|[$:@]\w+|[a-zA-Z_]\w*|0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|\s+/g;
const PLACEHOLDER = String.raw`(?:\?|[$:@]\w+)`;
const PLACEHOLDER_LIST = new RegExp(String.raw`\(\s*${PLACEHOLDER}(?:\s*,\s*${PLACEHOLDER})+\s*\)`, 'g');
const ROWS_OF_LISTS = /(\(\?(?:, …)?\))(?:\s*,\s*\(\?(?:, …)?\))+/g;

export interface QueryFingerprint {
  /** At most 200 characters. */
  readonly query: string;
  /** `select`, `insert`, … in lower case; `other` when the text does not begin with a word. */
  readonly operation: string;
}

export interface FingerprintOptions {
  /** Whether text in double quotes is a string, as in MySQL, and not a name. @default false */
  readonly doubleQuotesAreStrings?: boolean;
}

export function fingerprint(sql: string, { doubleQuotesAreStrings = false }: FingerprintOptions = {}): QueryFingerprint {
  const bare = sql
    .slice(0, LONGEST_INPUT)
    .replace(TOKENS, (token) => (doubleQuotesAreStrings && token.startsWith('"') ? '?' : replaceToken(token)))
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(PLACEHOLDER_LIST, '(?, …)')
    .replaceAll(ROWS_OF_LISTS, '$1')
    .trim()
    .replace(/\s*;$/, '');
  const query = bare.length > LONGEST_FINGERPRINT ? `${bare.slice(0, LONGEST_FINGERPRINT - 1)}…` : bare;
  return { query: query === '' ? '(empty)' : query, operation: operationOf(bare) };
}

function replaceToken(token: string): string {
  const first = token.charCodeAt(0);
  if (first <= 32 || token.startsWith('--') || token.startsWith('/*')) return ' ';
  if (token.startsWith('"') || token.startsWith('`')) return token;
  if (token.includes("'") || /^(?:\.?\d|\$\w*\$)/.test(token)) return '?';
  return token;
}

/** The verb; of a statement that begins with WITH the first one after it, for that is what it does. */
function operationOf(bare: string): string {
  const word = /^\W*([a-zA-Z]+)/.exec(bare)?.[1]?.toLowerCase() ?? 'other';
  if (word !== 'with') return word;
  return /\)\s*(select|insert|update|delete|replace|merge)\b/i.exec(bare)?.[1]?.toLowerCase() ?? 'select';
}
