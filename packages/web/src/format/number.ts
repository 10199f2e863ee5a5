/** A value ready to be shown: the digits and the unit apart, so that the unit can be set smaller. */
export interface Quantity {
  readonly digits: string;
  /** Empty for plain counts. */
  readonly unit: string;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const COUNT_UNITS = ['', 'k', 'M', 'G', 'T'];

function digitsOf(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.1) return value.toFixed(size >= 1 ? 1 : 2);
  return size < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

function scaled(value: number, base: number, units: readonly string[]): Quantity {
  let rest = value;
  let power = 0;
  while (Math.abs(rest) >= base && power < units.length - 1) {
    rest /= base;
    power++;
  }
  const digits = power === 0 && Number.isInteger(rest) ? String(rest) : digitsOf(rest);
  return { digits, unit: units[power] ?? '' };
}

function milliseconds(value: number): Quantity {
  const size = Math.abs(value);
  if (size >= 3_600_000) return { digits: digitsOf(value / 3_600_000), unit: 'h' };
  if (size >= 120_000) return { digits: digitsOf(value / 60_000), unit: 'min' };
  if (size >= 1000) return { digits: digitsOf(value / 1000), unit: 's' };
  if (size > 0 && size < 0.1) return { digits: digitsOf(value * 1000), unit: 'µs' };
  return { digits: digitsOf(value), unit: 'ms' };
}

/** Whether values of this unit are bytes per second. */
const isByteRate = (unit: string): boolean => /^(bytes|B)(\/s|_per_second|_per_sec)$/.test(unit);

/**
 * A metric's value in the scale a person reads best. Known units are the API's (`percent`, `ms`, `bytes`, `seconds`, `count`, `ratio`);
 * any other unit is shown as it is. A value that is not finite becomes an em dash.
 */
export function quantity(value: number | null | undefined, unit: string): Quantity {
  if (value === null || value === undefined || !Number.isFinite(value)) return { digits: '—', unit: '' };
  if (unit === 'percent' || unit === '%') return { digits: value.toFixed(1), unit: '%' };
  if (unit === 'ratio') return { digits: (value * 100).toFixed(1), unit: '%' };
  if (unit === 'ms') return milliseconds(value);
  if (unit === 'seconds' || unit === 's') return milliseconds(value * 1000);
  if (unit === 'bytes') return scaled(value, 1024, BYTE_UNITS);
  if (isByteRate(unit)) {
    const { digits, unit: scale } = scaled(value, 1024, BYTE_UNITS);
    return { digits, unit: `${scale}/s` };
  }
  const { digits, unit: scale } = scaled(value, 1000, COUNT_UNITS);
  const name = unit === 'count' || unit === '' ? '' : unit.replace(/_per_second$/, '/s').replaceAll('_', ' ');
  return { digits, unit: `${scale}${scale && name ? ' ' : ''}${name}` };
}

/** The same as one string, as in a sentence or a table cell. */
export function quantityText(value: number | null | undefined, unit: string): string {
  const { digits, unit: name } = quantity(value, unit);
  return name === '' ? digits : `${digits} ${name}`;
}

/** A whole number with thousands apart, as `12 345`. */
export function wholeText(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, '\u202F');
}
