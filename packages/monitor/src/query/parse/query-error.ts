import { BellwetherError } from '../../base/errors.ts';
import type { Span } from './ast.ts';

/** An expression that cannot be answered. `position` is the offset of the first character it is about. */
export function queryInvalid(message: string, at: Span | number): BellwetherError {
  const position = typeof at === 'number' ? at : at.start;
  return new BellwetherError('query_invalid', `${message} (at character ${position + 1})`, { details: { position } });
}

/** A valid expression that the data cannot be combined by, such as two series that would get the same labels. */
export function queryFailed(message: string, at: Span): BellwetherError {
  return new BellwetherError('query_failed', `${message} (at character ${at.start + 1})`, { details: { position: at.start } });
}
