/**
 * Real servers the tests talk to, from Debian's packages. Where they cannot be had the tests that need them say so loudly and are
 * skipped; in CI that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian package → a program it brings. */
const PACKAGES = {
  chromium: 'chromium',
  'redis-server': 'redis-server',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'victoria-metrics': 'victoria-metrics',
  postgresql: 'pg_createcluster',
  'mariadb-server': 'mariadbd',
};

const isOnPath = (program) => (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));

export function installServers() {
  const missing = Object.entries(PACKAGES)
    .filter(([, program]) => !isOnPath(program))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const canInstall = isOnPath('apt-get') && process.getuid?.() === 0;
  if (canInstall) {
    console.log(`Installing ${missing.join(', ')} for the tests …`);
    const options = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing, 'fonts-dejavu-core'], options);
  }
  const stillMissing = missing.filter((name) => !isOnPath(PACKAGES[name]));
  if (stillMissing.length > 0) {
    console.error(
      `\n*** NOT INSTALLED: ${stillMissing.join(', ')}. Tests that need them are skipped. Install them with your package manager. ***\n`,
    );
    if (process.env.CI) process.exit(1);
  }
}
