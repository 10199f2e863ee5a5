import { openDataDir, openSqliteStateStore, parseConfig, randomIds, systemClock } from '@bellwether/monitor/engine';
import type { Scope } from '../api-types.ts';
import { TokenStore } from '../auth/token-store.ts';
import { withFlags } from './settings.ts';

type Flags = Readonly<Record<string, string | undefined>>;

/** Opens the tokens of a data directory whose server is stopped. @throws BellwetherError `data_dir_locked` while it runs: use the API then */
async function withTokens(flags: Flags, work: (tokens: TokenStore) => Promise<void>): Promise<void> {
  using dataDir = openDataDir(parseConfig(withFlags(process.env, flags)).dataDir);
  await using state = await openSqliteStateStore({ path: dataDir.statePath, clock: systemClock });
  await work(new TokenStore({ state, clock: systemClock, ids: randomIds }));
}

export function createToken(name: string, flags: Flags): Promise<void> {
  return withTokens(flags, async (tokens) => {
    const { token, text } = await tokens.create({ name, scope: (flags['scope'] ?? 'read') as Scope });
    console.log(`${text}\nScope ${token.scope}, id ${token.id}. The token is not shown again.`);
  });
}

export function listTokens(flags: Flags): Promise<void> {
  return withTokens(flags, async (tokens) => {
    for (const { id, name, scope, revokedAtMs } of await tokens.list())
      console.log(`${id}  ${scope.padEnd(6)}  ${name}${revokedAtMs === undefined ? '' : '  (revoked)'}`);
  });
}

export function revokeToken(id: string, flags: Flags): Promise<void> {
  return withTokens(flags, async (tokens) => {
    await tokens.revoke(id);
    console.log(`Revoked ${id}`);
  });
}
