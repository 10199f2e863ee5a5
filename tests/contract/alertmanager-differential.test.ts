/** Random routings, given to an Alertmanager and to us, with the same alerts and silences: who hears of what in which group, and what the API shows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasAlertmanager, startAlertmanager, type TestServer } from '../servers/servers.ts';
import { chanceOf } from './alertmanager-differential/chance.ts';
import { listen, type HearingServer } from './alertmanager-differential/heard.ts';
import { randomConfig, randomInhibition, type InhibitRule } from './alertmanager-differential/random-routing.ts';
import { endedUnderCover, keyOf, randomScript, type Step } from './alertmanager-differential/script.ts';
import { ServerProcess, TOKEN } from './server-process.ts';

if (!hasAlertmanager)
  console.warn('SKIPPED: alertmanager is not installed (package prometheus-alertmanager); random routings are not compared');
/** Where tests run for everybody it must be there. */
const mustBeHere = process.env['CI'] !== undefined;

const SEED = Number(process.env['BELLWETHER_RANDOM_SEED'] ?? 1);
const SUBTREES = Number(process.env['BELLWETHER_RANDOM_ROUTINGS'] ?? 60);
const STEPS = 4;
/** A step is over when nobody has heard anything for longer than a group waits. */
const QUIET_MS = 3500;
const LONGEST_STEP_MS = 20_000;

interface Api {
  readonly get: (route: string) => Promise<any>;
  readonly post: (route: string, body: unknown) => Promise<any>;
  readonly remove: (route: string) => Promise<void>;
}

function apiOf(base: string, headers: Readonly<Record<string, string>>): Api {
  const ask = async (route: string, init: RequestInit): Promise<any> => {
    const response = await fetch(`${base}/api/v2${route}`, { ...init, headers: { 'content-type': 'application/json', ...headers } });
    const text = await response.text();
    if (!response.ok) throw new Error(`${base}${route} answers ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    get: (route) => ask(route, { method: 'GET' }),
    post: (route, body) => ask(route, { method: 'POST', body: JSON.stringify(body) }),
    remove: (route) => ask(route, { method: 'DELETE' }),
  };
}

/** @param ids Of silences by their comments: kept for the steps that lift them. */
async function take(step: Step, { api, ids }: { readonly api: Api; readonly ids: Map<string, string> }, nowMs: number): Promise<void> {
  const now = new Date(nowMs).toISOString();
  const endsAt = new Date(nowMs + 3_600_000).toISOString();
  for (const { matchers: wanted, comment } of step.silences) {
    const matchers = wanted.map(({ name, op, value }) => ({ name, value, isRegex: op.endsWith('~'), isEqual: op.startsWith('=') }));
    const { silenceID } = await api.post('/silences', { matchers, startsAt: new Date().toISOString(), endsAt, createdBy: 'ada', comment });
    ids.set(comment, silenceID);
  }
  for (const comment of step.lifted) await api.remove(`/silence/${ids.get(comment)}`);
  const alerts = step.alerts.map(({ labels, annotations, isOver }) => ({
    labels,
    annotations,
    ...(isOver ? { endsAt: now } : { startsAt: now, endsAt }),
    generatorURL: 'http://prometheus.example/graph',
  }));
  await api.post('/alerts', alerts);
}

/** Statuses with ends left out, repetitions once: ends under cover are told here and not there. */
function withoutEnds(statuses: readonly string[]): string {
  return statuses.includes('firing') ? 'firing' : '';
}

async function untilQuiet(hooks: readonly HearingServer[]): Promise<void> {
  const untilMs = Date.now() + LONGEST_STEP_MS;
  const count = (): number => hooks.reduce((sum, { bodies }) => sum + bodies.length, 0);
  let [before, sinceMs] = [-1, Date.now()];
  while (Date.now() < untilMs && Date.now() - sinceMs < QUIET_MS) {
    if (count() !== before) [before, sinceMs] = [count(), Date.now()];
    await sleep(50);
  }
}

describe.skipIf(!hasAlertmanager && !mustBeHere)('sixty random routings in an Alertmanager and here', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-routings-'));
  let theirs: { readonly hook: HearingServer; readonly api: Api; readonly ids: Map<string, string>; readonly server: TestServer };
  let ours: { readonly hook: HearingServer; readonly api: Api; readonly ids: Map<string, string>; readonly server: ServerProcess };

  let steps: readonly Step[] = [];
  let rules: readonly InhibitRule[] = [];

  beforeAll(async () => {
    const subtrees = Array.from({ length: SUBTREES }, (_, i) => `s${i}`);
    rules = randomInhibition(chanceOf(SEED + 2), subtrees);
    steps = randomScript(chanceOf(SEED + 1), subtrees, STEPS);
    const [theirHook, ourHook] = [await listen(), await listen()];
    const theirServer = await startAlertmanager(randomConfig(chanceOf(SEED), { subtrees, rules, url: theirHook.url }));
    const config = path.join(folder, 'alertmanager.yml');
    writeFileSync(config, randomConfig(chanceOf(SEED), { subtrees, rules, url: ourHook.url }));
    const ourServer = await ServerProcess.start({
      args: ['--alertmanager-config', config],
      env: { BELLWETHER_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' },
    });
    theirs = { hook: theirHook, server: theirServer, ids: new Map(), api: apiOf(theirServer.url, {}) };
    ours = {
      hook: ourHook,
      server: ourServer,
      ids: new Map(),
      api: apiOf(`http://127.0.0.1:${ourServer.port}`, { authorization: `Bearer ${TOKEN}` }),
    };
    for (const step of steps) {
      const nowMs = Date.now();
      await Promise.all([take(step, theirs, nowMs), take(step, ours, nowMs)]);
      await untilQuiet([theirHook, ourHook]);
    }
  }, 90_000);

  afterAll(async () => {
    await theirs.server[Symbol.asyncDispose]();
    await ours.server.stop();
    for (const { hook } of [theirs, ours]) hook.server.close();
    rmSync(folder, { recursive: true });
  });

  test('model: every receiver hears the same of the same alerts in the same groups', () => {
    const [theirHeard, ourHeard] = [theirs.hook.heard, ours.hook.heard];
    const covered = endedUnderCover(steps, rules);
    // What the machine itself suffers is told by the root here.
    const keys = [...new Set([...theirHeard.keys(), ...ourHeard.keys()])].filter((key) => key.includes('"subtree"'));
    const differences = keys.flatMap((key) => {
      const isCovered = covered.has(key.split(' | ')[2] ?? '');
      const [said, told] = [theirHeard, ourHeard].map((heard) => (isCovered ? withoutEnds : String)(heard.get(key) ?? []));
      return said === told ? [] : [`${key}: Alertmanager ${said || 'nothing'}, here ${told || 'nothing'}`];
    });
    expect(differences).toEqual([]);
    expect(keys.length).toBeGreaterThan(2 * SUBTREES);
    expect(keys.filter((key) => !covered.has(key.split(' | ')[2] ?? '')).length).toBeGreaterThan(SUBTREES);
  });

  /** Both answers, what the machine itself suffers left out. */
  const both = async (route: string): Promise<readonly (readonly any[])[]> =>
    await Promise.all([theirs, ours].map(async ({ api }) => await api.get(route)));
  const mine = (alerts: readonly any[]): readonly any[] => alerts.filter(({ labels }) => labels.subtree !== undefined);
  const sorted = <T>(items: readonly T[]): readonly T[] => items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

  test('model: the same alerts are listed, with the same receivers, states and beginnings', async () => {
    const [said, told] = (await both('/alerts')).map((alerts) =>
      sorted(
        mine(alerts).map(({ labels, annotations, startsAt, receivers, status, ...rest }) => ({
          labels: keyOf(labels),
          annotations,
          startsAtMs: Date.parse(startsAt),
          receivers: sorted(receivers),
          state: status.state,
          isSilenced: status.silencedBy.length > 0,
          isInhibited: status.inhibitedBy.length > 0,
          others: Object.keys(rest).toSorted(),
        })),
      ),
    );
    expect(told).toEqual(said);
    expect(told?.length).toBeGreaterThan(SUBTREES);
  });

  test('model: alerts are listed in the same groups', async () => {
    const [said, told] = (await both('/alerts/groups')).map((groups) =>
      sorted(
        groups.flatMap(({ labels, receiver, alerts }) =>
          mine(alerts).map((alert) => `${receiver.name} ${keyOf(labels)} ${keyOf(alert.labels)} ${alert.status.state}`),
        ),
      ),
    );
    expect(told).toEqual(said);
  });

  test('model: receivers and silences are the same', async () => {
    const [receivers, ourReceivers] = await both('/receivers');
    expect(sorted(ourReceivers ?? [])).toEqual(sorted(receivers ?? []));
    const [said, told] = (await both('/silences')).map((silences) =>
      sorted(
        silences.map(({ matchers, createdBy, comment, status, ...rest }) => ({
          comment,
          createdBy,
          matchers,
          state: status.state,
          others: Object.keys(rest).toSorted(),
        })),
      ),
    );
    expect(told).toEqual(said);
    expect(told?.some(({ state }) => state === 'expired')).toBe(true);
  });

  test.each(['?active=false', '?silenced=false&inhibited=false', '?filter=a%3D~%22x%7Cy%22&filter=b!%3D%22z%22', '?receiver=hears-s.*'])(
    'model: the same alerts are listed for %s',
    async (query) => {
      const [said, told] = (await both(`/alerts${query}`)).map((alerts) => sorted(mine(alerts).map(({ labels }) => keyOf(labels))));
      expect(told).toEqual(said);
      expect(told?.length).toBeGreaterThan(0);
    },
  );
});
