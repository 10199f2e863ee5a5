import type { Logger } from '@bellwether/monitor/engine';
import { pino } from 'pino';

/**
 * The server's log: JSON lines on standard error. Without a wish only errors and worse are told, so that a terminal stays readable;
 * LOG_LEVEL=info tells every change and refusal.
 */
export function programLog(level: string | undefined): Logger {
  const allowed = ['debug', 'info', 'warn', 'error', 'silent'];
  return pino({ level: level !== undefined && allowed.includes(level) ? level : 'error' }, pino.destination(2));
}
