import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PbfReader } from 'pbf';
import { uncompress } from 'snappyjs';

/** What a receiver answers. `delayMs`: how long it takes. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

/** A receiver of remote write 1.0 in this process: every sample it was given with the request that brought it, and what it is to answer. */
export class FakeReceiver implements AsyncDisposable {
  /** `name{label="value"}@time`, in order of arrival, of requests that were answered with success. */
  readonly samples: string[] = [];
  readonly requests: { readonly version: string; readonly authorization: string | undefined; readonly samples: readonly string[] }[] = [];
  reply: (samples: readonly string[], version: string) => Reply = () => ({ status: 204 });
  readonly #server: Server;

  static async start(): Promise<FakeReceiver> {
    const receiver = new FakeReceiver();
    await new Promise<void>((resolve) => void receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }
  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#take(request).then(({ status, headers = {}, delayMs = 0 }) =>
        setTimeout(() => response.writeHead(status, headers).end(), delayMs),
      );
    });
  }
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async #take(request: IncomingMessage): Promise<Reply> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const version = String(request.headers['x-prometheus-remote-write-version']);
    const samples = version.startsWith('2') ? [] : samplesOf(uncompress(Buffer.concat(parts)));
    this.requests.push({ version, authorization: request.headers.authorization, samples });
    const reply = this.reply(samples, version);
    if (reply.status < 300) this.samples.push(...samples);
    return reply;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}

function samplesOf(body: Uint8Array): string[] {
  const samples: string[] = [];
  new PbfReader(body).readFields((field, _, reader) => {
    if (field !== 1) return;
    const labels: [string, string][] = [];
    reader.readMessage((inner, _, of) => {
      if (inner === 1) {
        const pair: [string, string] = ['', ''];
        of.readMessage((part, _, text) => void (pair[part - 1] = text.readString()), undefined);
        labels.push(pair);
      }
      if (inner !== 2) return;
      let atMs = 0;
      of.readMessage((part, _, number) => {
        if (part === 1) number.readDouble();
        else atMs = number.readVarint();
      }, undefined);
      const name = labels.find(([label]) => label === '__name__')?.[1];
      const others = labels.filter(([label]) => label !== '__name__').map(([label, value]) => `${label}="${value}"`);
      samples.push(`${name}{${others.join(',')}}@${atMs}`);
    }, undefined);
  }, undefined);
  return samples;
}
