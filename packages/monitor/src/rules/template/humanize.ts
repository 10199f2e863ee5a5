import { sprintf } from './printf.ts';
import { floatText, timeText } from './values.ts';

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

/** Four significant digits, as all of Prometheus's humanize functions give. */
const four = (value: number): string => sprintf('%.4g', [value]);

function scaledUp(value: number, prefixes: readonly string[], base: number): string {
  let rest = value;
  let prefix = '';
  for (const next of prefixes) {
    if (Math.abs(rest) < base) break;
    prefix = next;
    rest /= base;
  }
  return four(rest) + prefix;
}

function scaledDown(value: number): string {
  let rest = value;
  let prefix = '';
  for (const next of SMALL) {
    if (Math.abs(rest) >= 1) break;
    prefix = next;
    rest *= 1000;
  }
  return four(rest) + prefix;
}

/** 12345678 → `12.35M`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return four(value);
  return Math.abs(value) >= 1 ? scaledUp(value, LARGE, 1000) : scaledDown(value);
}

/** 2048 → `2ki`. */
export function humanize1024(value: number): string {
  return Math.abs(value) <= 1 || !Number.isFinite(value) ? four(value) : scaledUp(value, BINARY, 1024);
}

/** Seconds as `1d 2h 3m 4s`. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return four(value);
  if (value === 0) return '0s';
  if (Math.abs(value) < 1) return `${scaledDown(value)}s`;
  const sign = value < 0 ? '-' : '';
  const whole = Math.trunc(Math.abs(value));
  const [days, hours, minutes, seconds] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  if (minutes !== 0) return `${sign}${minutes}m ${seconds}s`;
  return `${sign}${four(Math.abs(value))}s`;
}

/** A ratio: 0.1234 → `12.34%`. */
export function humanizePercentage(value: number): string {
  return `${four(value * 100)}%`;
}

/** Latest instant that a date can hold. */
const LATEST_S = 8.64e12;

/** Seconds since the epoch. */
export function humanizeTimestamp(value: number): string {
  return Math.abs(value) <= LATEST_S ? timeText(value * 1000) : floatText(value);
}
