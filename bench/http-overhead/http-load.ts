import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';

const REQUESTS = 1500;
const CONNECTIONS = 16;
const ROUNDS = 31;
/** Of requests; V8 has compiled what it will. */
const WARM_UP_ROUNDS = 4;

class WatchedServer implements Disposable {
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  #port = 0;

  constructor(mode: string) {
    this.#child = fork(new URL('./watched-server.ts', import.meta.url), [mode]);
  }
  async start(): Promise<void> {
    this.#port = await this.#answer();
  }
  /** CPU time of the server for one request, µs. */
  async microseconds(): Promise<number> {
    const before = await this.#cpu();
    let left = REQUESTS;
    const client = async (): Promise<void> => {
      while (left-- > 0) await this.#request();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
    return ((await this.#cpu()) - before) / REQUESTS;
  }
  [Symbol.dispose](): void {
    this.#agent.destroy();
    this.#child.disconnect();
  }
  #cpu(): Promise<number> {
    const answer = this.#answer();
    this.#child.send('cpu');
    return answer;
  }
  async #answer(): Promise<number> {
    const [value] = (await once(this.#child, 'message')) as [number];
    return value;
  }
  #request(): Promise<void> {
    return new Promise((resolve, reject) => {
      get({ port: this.#port, path: '/orders/17', agent: this.#agent }, (response) => response.resume().on('end', resolve)).on(
        'error',
        reject,
      );
    });
  }
}

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/**
 * CPU µs a request of a trivial Fastify route in each mode, the first of them bare. The machine's other load slows all alike and changes by the second, so the
 * modes take short turns and each is compared with the bare turn of its round; the median of these ratios counts.
 */
export async function httpOverhead(modes: readonly string[]): Promise<Record<string, number>> {
  using resources = new DisposableStack();
  const servers = modes.map((mode) => ({ mode, server: resources.use(new WatchedServer(mode)), turns: [] as number[] }));
  for (const { server } of servers) await server.start();
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    // Each round begins with another mode, so that none always follows the same one.
    const first = (round + WARM_UP_ROUNDS) % servers.length;
    for (const { server, turns } of [...servers.slice(first), ...servers.slice(0, first)]) {
      const microseconds = await server.microseconds();
      if (round >= 0) turns.push(microseconds);
    }
  }
  const bare = servers[0]?.turns ?? [];
  const ratioOf = (turns: readonly number[]): number => medianOf(turns.map((turn, i) => turn / (bare[i] ?? Number.NaN)));
  return Object.fromEntries(servers.map(({ mode, turns }) => [mode, medianOf(bare) * ratioOf(turns)]));
}
