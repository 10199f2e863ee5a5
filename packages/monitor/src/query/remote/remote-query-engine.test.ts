import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  hasPrometheus,
  hasVictoriaMetrics,
  startPrometheus,
  startVictoriaMetrics,
  type TestServer,
} from '../../../../../tests/servers/servers.ts';
import { systemClock } from '../../base/system-clock.ts';
import { RemoteTarget } from '../../store/remote/remote-target.ts';
import { createQueryEngine } from '../create-query-engine.ts';
import { queryEngineContract, type QueryEngineUnderTest } from '../query-engine.contract.ts';
import { RemoteQueryEngine } from './remote-query-engine.ts';
import { openRemote, storeWith } from './testing/remote-bench.ts';

queryEngineContract('the embedded engine', async (series) => {
  const store = storeWith(series);
  return { query: createQueryEngine({ store, clock: systemClock }), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
});

const servers: readonly (readonly [name: string, isHere: boolean, start: () => Promise<TestServer>])[] = [
  ['Prometheus', hasPrometheus, () => startPrometheus()],
  ['VictoriaMetrics', hasVictoriaMetrics, () => startVictoriaMetrics()],
];
for (const [name, isHere, start] of servers) {
  if (!isHere) {
    console.warn(`SKIPPED: no ${name} to send samples to and to ask. See scripts/servers.mjs.`);
    continue;
  }
  queryEngineContract(`a real ${name}`, async (series): Promise<QueryEngineUnderTest> => {
    const server = await start();
    const remote = await openRemote(server, series);
    return {
      query: remote.query,
      async [Symbol.asyncDispose]() {
        await remote[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  });
}

describe('an engine that misbehaves', () => {
  /** Asks a server that answers with this. */
  async function asking(
    answer: { readonly status?: number; readonly body: string } | undefined,
    ask: (query: RemoteQueryEngine) => Promise<unknown>,
  ): Promise<unknown> {
    const server = createServer((_request, response) => {
      if (answer !== undefined) response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    using target = new RemoteTarget(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, systemClock);
    try {
      return await ask(new RemoteQueryEngine({ target, clock: systemClock, metadata: () => new Map(), mostBytes: 1000 }));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const up = (query: RemoteQueryEngine): Promise<unknown> => query.instant('up', 0);
  const vector = '"data":{"resultType":"vector","result":[]}';

  test('partial answers and warnings are told', async () => {
    const body = `{"status":"success","isPartial":true,"warnings":["a shard is slow"],${vector}}`;
    expect(await asking({ body }, up)).toMatchObject({ warnings: ['a shard is slow', expect.stringContaining('partial')] });
  });

  test.each([
    ['no JSON', { body: '<html>' }, 'store_unavailable'],
    ['another service', { status: 404, body: 'not found' }, 'store_unavailable'],
    ['a wrong password', { status: 401, body: '{"status":"error","error":"no"}' }, 'store_unavailable'],
    ['a refusal', { status: 400, body: '{"status":"error","errorType":"bad_data","error":"parse error"}' }, 'query_invalid'],
    [
      'too much',
      { status: 422, body: '{"status":"error","errorType":"execution","error":"query processing would load too many samples"}' },
      'query_too_large',
    ],
    ['a time-out of its own', { status: 503, body: '{"status":"error","errorType":"timeout","error":"query timed out"}' }, 'query_timeout'],
    ['a body without an end', { body: 'x'.repeat(2000) }, 'query_too_large'],
  ])('%s', async (_what, answer, code) => {
    await expect(asking(answer, up)).rejects.toMatchObject({ code });
  });

  test('one that does not answer is given up after the time-out', async () => {
    await expect(asking(undefined, (query) => query.instant('up', 0, { timeoutMs: 50 }))).rejects.toMatchObject({ code: 'query_timeout' });
  });
});
