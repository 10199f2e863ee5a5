import { describe, expect, test } from 'vitest';
import * as servers from './servers.ts';

const PLANS = [
  ['redis', servers.hasRedis, () => servers.startRedis()],
  ['victoria-metrics', servers.hasVictoriaMetrics, () => servers.startVictoriaMetrics()],
  ['prometheus', servers.hasPrometheus, () => servers.startPrometheus()],
  ['alertmanager', servers.hasAlertmanager, () => servers.startAlertmanager('route: {receiver: none}\nreceivers: [{name: none}]\n')],
  ['postgres', servers.hasPostgres, () => servers.startPostgres()],
  ['mariadb', servers.hasMariadb, () => servers.startMariadb()],
] as const;

describe.each(PLANS)('real server %s', (name, isHere, start) => {
  if (!isHere) console.warn(`SKIPPED: ${name} is not installed; the tests that need it are skipped, too.`);
  test.skipIf(!isHere)('starts, survives a kill and a new start on the same port', async () => {
    await using server = await start();
    await server.program.kill();
    await server.program.start();
    expect(server.url).toContain(`:${server.port}`);
  });
});
