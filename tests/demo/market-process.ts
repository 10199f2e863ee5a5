import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, TOKEN, type ServerProcess } from '../contract/server-process.ts';

const MARKET = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../examples/opinion-market/dist/main.js');

export interface Advice {
  readonly category: string;
  readonly title: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The Opinion Market under load, as `bellwether demo` starts it, pushing to a server. */
export class MarketProcess {
  readonly port: number;
  readonly monitorPort: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = '';

  private constructor(child: ChildProcess, ports: { readonly port: number; readonly monitorPort: number }) {
    this.#child = child;
    this.port = ports.port;
    this.monitorPort = ports.monitorPort;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.#ended = new Promise((resolve) => child.once('close', resolve));
  }

  /** Resolves when it serves. */
  static async start(server: ServerProcess): Promise<MarketProcess> {
    const ports = { port: await freePort(), monitorPort: await freePort() };
    const env = {
      PATH: process.env['PATH'] ?? '',
      MARKET_PORT: String(ports.port),
      MARKET_MONITOR_PORT: String(ports.monitorPort),
      MARKET_RATE: '50',
      MARKET_DATA_DIR: path.join(server.dataDir, 'opinion-market'),
      PERFORMANCE_MONITORING_INTERVAL: '1',
      BELLWETHER_TOKEN: TOKEN,
      BELLWETHER_PUSH_URL: `http://127.0.0.1:${server.port}`,
      BELLWETHER_PUSH_TOKEN: TOKEN,
    };
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MARKET], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const market = new MarketProcess(child, ports);
    for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt++) {
      if (market.#output.includes('Opinion Market on')) return market;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the market did not start\n${market.#output}`);
  }

  async switchFault(name: string, on: boolean): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.port}/faults/${name}`, { method: 'POST', body: JSON.stringify({ on }) });
    if (!response.ok) throw new Error(await response.text());
  }

  /** What the embedded monitor recommends. */
  async recommendations(): Promise<readonly Advice[]> {
    return await adviceAt(this.monitorPort);
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return await this.#ended;
  }
}

/** What the Bellwether on a port recommends. */
export async function adviceAt(port: number): Promise<readonly Advice[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/performance/recommendations`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  if (!response.ok) throw new Error(await response.text());
  const { data } = (await response.json()) as { readonly data: { readonly recommendations: readonly Advice[] } };
  return data.recommendations;
}
