/** Structured log: fields first, then the sentence. A pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Drops everything. The library's default: a watched service's log belongs to the service. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
