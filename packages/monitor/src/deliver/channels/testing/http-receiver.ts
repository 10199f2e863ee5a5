import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '../../../base/fake-clock.ts';
import type { Channel } from '../../channel.ts';
import type { Behaviour, ChannelUnderTest } from '../../channel.contract.ts';

export interface Arrived {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a service answers: its limits when it takes messages, its own words when it does not. */
export interface FakeService {
  readonly take: (arrived: Arrived) => Answer;
  readonly busy: Answer;
  readonly fail: Answer;
  readonly refuse: Answer;
}

export interface HttpReceiver extends ChannelUnderTest {
  readonly url: string;
  /** Every request, taken or not. */
  readonly arrived: readonly Arrived[];
  /** Answers the next requests so, whatever else was set. */
  answerWith(answer: Answer): void;
}

export const PLAIN_SERVICE: FakeService = {
  take: () => ({ status: 200 }),
  busy: { status: 429 },
  fail: { status: 500, body: 'told you' },
  refuse: { status: 404, body: 'told you' },
};

/** A channel and the service it talks to, on the loopback. */
export async function openHttp(
  make: (url: string, clock: FakeClock) => Channel,
  service: FakeService = PLAIN_SERVICE,
): Promise<HttpReceiver> {
  const clock = new FakeClock();
  const received: string[] = [];
  const arrived: Arrived[] = [];
  const reached = Promise.withResolvers<void>();
  let behaviour: Behaviour = 'take';
  let fixed: Answer | undefined;
  const answerTo = (request: Arrived): Answer => {
    if (fixed !== undefined) return fixed;
    return behaviour === 'busy' || behaviour === 'fail' || behaviour === 'refuse' ? service[behaviour] : service.take(request);
  };
  const server = createServer(async (request, response) => {
    let body = '';
    // A character may lie across two chunks.
    request.setEncoding('utf8');
    for await (const chunk of request) body += String(chunk);
    const one = { path: request.url ?? '', headers: request.headers, body };
    arrived.push(one);
    reached.resolve();
    if (behaviour === 'late') return;
    if (behaviour === 'hangUp') {
      request.socket.destroy();
      return;
    }
    if (behaviour === 'oversize') {
      response.writeHead(503).end('x'.repeat(10_000_000));
      return;
    }
    const answer = answerTo(one);
    if (answer.status < 300 && behaviour === 'take') received.push(body);
    response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cret-path`;
  return {
    clock,
    url,
    received,
    arrived,
    channel: make(url, clock),
    reached: () => reached.promise,
    behave: (next) => (behaviour = next),
    answerWith: (answer) => (fixed = answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
