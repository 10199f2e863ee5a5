import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';

const REQUESTS = 5000;
const CONNECTIONS = 16;
const ROUNDS = 12;

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

/** CPU µs a request of a trivial Fastify route in each mode; the modes take turns, so that other load meets all alike, and the least of each counts. */
export async function httpOverhead(modes: readonly string[]): Promise<Record<string, number>> {
  using resources = new DisposableStack();
  const servers = modes.map((mode) => ({ mode, server: resources.use(new WatchedServer(mode)) }));
  for (const { server } of servers) await server.start();
  const best: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const { mode, server } of servers) best[mode] = Math.min(best[mode] ?? Infinity, await server.microseconds());
  }
  return best;
}
