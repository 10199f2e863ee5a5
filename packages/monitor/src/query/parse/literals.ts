import { queryInvalid } from './query-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const GROUPS = ['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const;

/** `1h30m` in ms; `undefined` when the text is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = text === '' ? null : DURATION.exec(text);
  if (match === null) return undefined;
  return GROUPS.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * (UNIT_MS[unit] as number), 0);
}

/** Strings (to the end of the text when they do not end, so that no text is read twice), comments and names. */
const SKIPPED = String.raw`"(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)|` + '`[^`]*(?:`|$)|#[^\n]*|[a-zA-Z_:][\\w:]*';
const RARE_NUMBER = new RegExp(`${SKIPPED}|0[xX]_?|\\d+\\.(?!\\d)(?:[eE][+-]?\\d+)?`, 'gs');

/** The text with numbers that the grammar does not know (`1.`, `5.e3`, `0X1F`, `0x_1`) as it knows them; nothing moves. */
export function plainNumbers(text: string): string {
  return text.replaceAll(RARE_NUMBER, (token) => {
    if (/^0x/i.test(token)) return token.length === 2 ? '0x' : '0x0';
    if (!/^\d+\./.test(token)) return token;
    const [whole = '', exponent] = token.split('.');
    return exponent === undefined || exponent === '' ? `${whole} ` : `${whole}${exponent.replace(/(?=\d)/, '0')}`;
  });
}

/** A number as PromQL writes it: decimal, hexadecimal, octal, Inf, NaN, or a duration in seconds. @throws BellwetherError `query_invalid` */
export function parseNumber(text: string, position: number): number {
  const isNegative = text.startsWith('-');
  const digits = text.replace(/^[+-]\s*/, '').toLowerCase();
  const value = parsePositive(digits);
  if (value === undefined) throw queryInvalid(`"${text}" is not a number`, position);
  return isNegative ? -value : value;
}

function parsePositive(digits: string): number | undefined {
  if (digits === 'inf' || digits === '+inf') return Infinity;
  if (digits === 'nan') return Number.NaN;
  if (/^0x[0-9a-f_]+$/.test(digits)) return Number(digits.replaceAll('_', ''));
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  const durationMs = parseDurationMs(digits);
  if (durationMs !== undefined) return durationMs / 1000;
  const plain = digits.replaceAll('_', '');
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain) ? Number(plain) : undefined;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};
const ESCAPE = /\\(?:([abfnrtv\\'"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g;
/** Where bytes of 128 and more stand until they are read as UTF-8; those that are none stay there, as no label name or metric may. */
const RAW_BYTE = 0xdc00;

/**
 * The text between quotes with Go's escapes resolved, `\x` and octal ones being bytes of UTF-8; backquotes take everything literally. Bytes
 * that are no UTF-8 become lone surrogates.
 * @throws BellwetherError `query_invalid`
 */
export function unquote(quoted: string, position: number): string {
  const quoteMark = quoted.charAt(0);
  const body = quoted.slice(1, -1);
  if (quoted.length < 2 || quoted.at(-1) !== quoteMark) throw queryInvalid('The string does not end', position);
  if (quoteMark === '`') return body;
  const byte = (code: number): string => String.fromCharCode(code < 128 ? code : RAW_BYTE + code);
  const text = body.replaceAll(ESCAPE, (whole: string, simple?: string, octal?: string, ...rest: (string | undefined)[]) => {
    const isOtherQuote = (simple === '"' || simple === "'") && simple !== quoteMark;
    if (isOtherQuote) throw queryInvalid(`${whole} is not an escape sequence`, position);
    if (simple !== undefined) return SIMPLE_ESCAPES[simple] as string;
    if (octal !== undefined && Number.parseInt(octal, 8) < 256) return byte(Number.parseInt(octal, 8));
    const [hexByte, short, long] = rest;
    if (hexByte !== undefined) return byte(Number.parseInt(hexByte, 16));
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code < 0xe000)) throw queryInvalid(`${whole} is not an escape sequence`, position);
    return String.fromCodePoint(code);
  });
  return text.replaceAll(/[\udc80-\udcff]+/gu, (bytes) => {
    const decoded = Buffer.from(Array.from(bytes, (char) => char.charCodeAt(0) - RAW_BYTE)).toString('utf8');
    return decoded.includes('\ufffd') ? bytes : decoded;
  });
}

/** Text in double quotes, escaped so that `unquote` gives it back. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** `5400000` as `1h30m`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  const sign = durationMs < 0 ? '-' : '';
  let rest = Math.abs(durationMs);
  let text = '';
  for (const unit of GROUPS) {
    const unitMs = UNIT_MS[unit] as number;
    const isExactOnly = unit === 'y' || unit === 'w';
    if (isExactOnly && rest % unitMs !== 0) continue;
    const whole = Math.floor(rest / unitMs);
    if (whole > 0) text += `${whole}${unit}`;
    rest -= whole * unitMs;
  }
  return sign + text;
}

/** A float as Go prints it with `strconv.FormatFloat(value, 'f', -1, 64)`: never an exponent. */
export function formatValue(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  if (Number.isNaN(value)) return 'NaN';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', lead = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const digits = lead + fraction;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return sign + digits.padEnd(exponent + 1, '0');
}
