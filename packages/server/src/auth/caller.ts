import type { Scope } from '../api-types.ts';

/** Whose request it is. `via` tells whether the browser sent it on its own (`session`), which asks for more care. */
export interface Caller {
  readonly tokenId: string;
  readonly name: string;
  readonly scope: Scope;
  readonly via: 'bearer' | 'session';
}

export const SCOPES: readonly ['read', 'ingest', 'admin'] = ['read', 'ingest', 'admin'];

/** Administrators may do everything; the other scopes only what they name. */
export function hasScope(caller: Caller, needed: Scope): boolean {
  return caller.scope === 'admin' || caller.scope === needed;
}
