import { bounded, floatText, isList, signedExponent, typeName, valueText, type Value } from './values.ts';

const DIRECTIVE = /%([-+# 0]*)(\*|\d{1,6})?(?:\.(\*|\d{0,6}))?(.)?/gsu;
const WIDEST = 1024;

interface Format {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

function digits(value: number, precision: number | undefined): [string, number] {
  const text = precision === undefined ? value.toExponential() : value.toExponential(Math.min(100, precision));
  const [mantissa = '', exponent = '0'] = text.split('e');
  return [mantissa, Number(exponent)];
}

/** `%g`: the shorter of `%e` and `%f`, without trailing zeros. */
function general(value: number, precision: number | undefined): string {
  if (value === 0) return floatText(value);
  const significant = precision === undefined ? undefined : Math.max(1, precision);
  const [mantissa, exponent] = digits(value, significant === undefined ? undefined : significant - 1);
  const shortest = precision === undefined;
  if (exponent < -4 || exponent >= (shortest ? 6 : (significant ?? 0))) {
    return `${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}e${signedExponent(exponent)}`;
  }
  if (shortest) return floatText(value);
  const fixed = value.toFixed(Math.max(0, Math.min(100, (significant ?? 0) - 1 - exponent)));
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}

function fixed(value: number, decimals: number): string {
  // `toFixed` gives up digits from 1e21 on; Go does not.
  return Math.abs(value) < 1e21
    ? value.toFixed(Math.min(100, decimals))
    : BigInt(value).toString() + (decimals > 0 ? `.${'0'.repeat(Math.min(100, decimals))}` : '');
}

function float(value: number, verb: string, precision: number | undefined): string | undefined {
  if (!Number.isFinite(value)) return floatText(value);
  switch (verb) {
    case 'v':
    case 'g':
    case 'G':
      return general(value, precision);
    case 'f':
    case 'F':
      return fixed(value, precision ?? 6);
    case 'e':
    case 'E': {
      const [mantissa, exponent] = digits(value, precision ?? 6);
      const text = `${mantissa}e${signedExponent(exponent)}`;
      return verb === 'E' ? text.toUpperCase() : text;
    }
    default:
      return undefined;
  }
}

function integer(value: bigint, verb: string): string | undefined {
  switch (verb) {
    case 'v':
    case 'd':
      return value.toString();
    case 'x':
      return value.toString(16);
    case 'X':
      return value.toString(16).toUpperCase();
    case 'o':
      return value.toString(8);
    case 'b':
      return value.toString(2);
    case 'c':
      return value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\ufffd';
    default:
      return undefined;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function string(text: string, verb: string, precision: number | undefined): string | undefined {
  const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join('');
  if (verb === 'v' || verb === 's') return cut;
  if (verb === 'q') return quoted(cut);
  if (verb === 'x') return Buffer.from(cut).toString('hex');
  return undefined;
}

function body(value: Value, verb: string, precision: number | undefined): string | undefined {
  if (typeof value === 'number') return float(value, verb, precision);
  if (typeof value === 'bigint') return integer(value, verb);
  if (typeof value === 'string') return string(value, verb, precision);
  if (typeof value === 'boolean') return verb === 'v' || verb === 't' ? String(value) : undefined;
  if (value === null) return verb === 'v' ? '<nil>' : undefined;
  return verb === 'v' || verb === 's' || isList(value) ? valueText(value) : undefined;
}

function padded(text: string, value: Value, { flags, width }: Format): string {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const signed = isNumber && flags.includes('+') && !/^[-+]/.test(text) ? `+${text}` : text;
  if (signed.length >= width) return signed;
  if (flags.includes('-')) return signed.padEnd(width);
  if (!flags.includes('0')) return signed.padStart(width);
  const sign = /^[-+]/.exec(signed)?.[0] ?? '';
  return sign + signed.slice(sign.length).padStart(width - sign.length, '0');
}

/** How Go shows what it was not asked for, or cannot format as asked. */
function typed(value: Value): string {
  return value === null ? '<nil>' : `${typeName(value)}=${valueText(value)}`;
}

/** Go's `fmt.Sprintf` for the values of a template; what it cannot format it says in the text, as Go does. */
export function sprintf(format: string, args: readonly Value[]): string {
  let next = 0;
  let written = '';
  const star = (given: string | undefined): number | undefined => {
    if (given !== '*') return given === undefined ? undefined : Number(given);
    const value = args[next++];
    return typeof value === 'bigint' && value >= 0n ? Number(value) : undefined;
  };
  const directive = (flags: string, width?: string, precision?: string, verb?: string): string => {
    const wanted: Format = { flags, width: Math.min(WIDEST, star(width) ?? 0), precision: star(precision) };
    if (verb === undefined) return '%!(NOVERB)';
    if (verb === '%') return '%';
    if (next >= args.length) return `%!${verb}(MISSING)`;
    const value = args[next++] as Value;
    const shown = body(value, verb, wanted.precision);
    return shown === undefined ? `%!${verb}(${typed(value)})` : padded(shown, value, wanted);
  };
  const text = format.replaceAll(DIRECTIVE, (_whole, flags: string, width?: string, precision?: string, verb?: string) => {
    const shown = directive(flags, width, precision, verb);
    written = bounded(written + shown);
    return shown;
  });
  const extra = args.slice(next);
  if (extra.length === 0) return text;
  return `${extra.reduce<string>((all, value, i) => bounded(`${all}${i > 0 ? ', ' : ''}${typed(value)}`), `${text}%!(EXTRA `)})`;
}
