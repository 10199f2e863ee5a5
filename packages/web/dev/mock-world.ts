/**
 * A believable service for the page to show: metrics that follow a daily wave with noise, an incident that comes and goes every few minutes, alerts and
 * advice that belong to it. A pure function of time, so that history and live values agree and a test sees the same picture twice.
 */

interface Shape {
  readonly unit: string;
  readonly base: number;
  /** Added by the slow wave, the noise, and at the height of an incident. */
  readonly wave: number;
  readonly noise: number;
  readonly incident: number;
}

const MIB = 1024 ** 2;

const SHAPES: Readonly<Record<string, Shape>> = {
  cpu_usage: { unit: 'percent', base: 34, wave: 9, noise: 7, incident: 38 },
  memory_usage: { unit: 'percent', base: 61, wave: 4, noise: 0.6, incident: 3 },
  disk_usage: { unit: 'percent', base: 72.4, wave: 0.3, noise: 0.05, incident: 0 },
  network_receive_bytes_per_second: { unit: 'bytes_per_second', base: 1.9 * MIB, wave: 0.7 * MIB, noise: 0.5 * MIB, incident: MIB },
  network_transmit_bytes_per_second: { unit: 'bytes_per_second', base: 3.2 * MIB, wave: MIB, noise: 0.8 * MIB, incident: 2 * MIB },
  process_cpu_usage: { unit: 'percent', base: 17, wave: 5, noise: 5, incident: 30 },
  process_heap_used_bytes: { unit: 'bytes', base: 142 * MIB, wave: 18 * MIB, noise: 9 * MIB, incident: 40 * MIB },
  nodejs_eventloop_delay_p99_seconds: { unit: 'seconds', base: 0.0031, wave: 0.0008, noise: 0.0016, incident: 0.046 },
  nodejs_eventloop_delay_max_seconds: { unit: 'seconds', base: 0.009, wave: 0.002, noise: 0.006, incident: 0.09 },
  api_response_time: { unit: 'ms', base: 86, wave: 18, noise: 22, incident: 1350 },
  database_query_time: { unit: 'ms', base: 12, wave: 3, noise: 5, incident: 640 },
  error_rate: { unit: 'percent', base: 0.4, wave: 0.1, noise: 0.3, incident: 3 },
  cache_hit_rate: { unit: 'percent', base: 91, wave: 2, noise: 1.5, incident: -18 },
  orders_placed: { unit: 'count', base: 240, wave: 60, noise: 40, incident: -120 },
  orders_open: { unit: 'count', base: 1820, wave: 130, noise: 20, incident: 90 },
  market_makers_active: { unit: 'count', base: 14, wave: 2, noise: 1, incident: -3 },
  settlement_lag: { unit: 'seconds', base: 1.4, wave: 0.2, noise: 0.3, incident: 11 },
  execution_time_price_update: { unit: 'ms', base: 4.2, wave: 0.6, noise: 1.1, incident: 22 },
  execution_time_match_order: { unit: 'ms', base: 1.3, wave: 0.2, noise: 0.5, incident: 6 },
  websocket_clients: { unit: 'count', base: 418, wave: 80, noise: 12, incident: 0 },
  process_open_fds: { unit: 'count', base: 93, wave: 8, noise: 3, incident: 20 },
  process_resident_memory_bytes: { unit: 'bytes', base: 251 * MIB, wave: 12 * MIB, noise: 2 * MIB, incident: 30 * MIB },
  nodejs_gc_pause_max_seconds: { unit: 'seconds', base: 0.0018, wave: 0.0004, noise: 0.0012, incident: 0.009 },
};

export const METRIC_NAMES: readonly string[] = Object.keys(SHAPES);

/** Repeatable noise in [-1, 1] for a name and a whole number. */
function noise(name: string, step: number): number {
  let hash = step | 0;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 31 - 1;
}

/** Seven minutes of calm, then three of incident that swells and fades: 0 to 1. */
function incidentAt(atSeconds: number): number {
  const phase = atSeconds % 600;
  return phase < 420 ? 0 : Math.sin(((phase - 420) / 180) * Math.PI);
}

export interface WorldOptions {
  /** `calm`: nothing ever happens. `incident`: always at its height. Comes and goes when absent. */
  readonly mood?: 'calm' | 'incident' | undefined;
}

/** Value of a metric at a moment; `undefined` for a name nobody records. */
export function valueAt(name: string, atSeconds: number, { mood }: WorldOptions = {}): number | undefined {
  const shape = SHAPES[name];
  if (shape === undefined) return undefined;
  const incident = mood === 'calm' ? 0 : mood === 'incident' ? 1 : incidentAt(atSeconds);
  const step = Math.floor(atSeconds / 2);
  const jitter = (noise(name, step) + noise(name, step >> 2) + noise(name, step >> 4)) / 2.2;
  const wave = Math.sin(atSeconds / 900 + noise(name, 1) * 3) + 0.4 * Math.sin(atSeconds / 140 + noise(name, 2) * 3);
  return Math.max(0, shape.base + shape.wave * wave + shape.noise * jitter + shape.incident * incident);
}

export function unitOf(name: string): string {
  return SHAPES[name]?.unit ?? '';
}
