import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import type { SendOutcome } from '../channel.ts';
import { httpPost, type PostOptions } from './http-post.ts';
import { createTargetGuard } from './target-guard.ts';

interface Posted {
  readonly outcome: SendOutcome;
  readonly nowMs: number;
}

/** Posts to a server that answers each request with these bytes; the time-out comes when they are all there. */
async function postTo(answer: string, options: Partial<PostOptions> = {}): Promise<Posted> {
  const clock = new FakeClock();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.once('data', () => socket.write(answer.replaceAll('\n', '\r\n')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T000/SecretOfThePath?key=SecretOfTheQuery`;
  const guard = createTargetGuard(['127.0.0.0/8']);
  const outcome = await httpPost({ url, body: '{}', guard, clock, signal: new AbortController().signal, ...options });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return { outcome, nowMs: clock.nowMs() };
}

test('regression: an answer that switches protocols is a failure, not a request that never ends', async () => {
  const { outcome } = await postTo('HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n\n');
  expect(outcome).toMatchObject({ status: 'failed', permanent: false });
});

test.each([
  ['429 Too Many Requests\nRetry-After: 30', { permanent: false, retryAtMs: 30_000 }],
  ['404 Not Found', { permanent: true, retryAtMs: undefined }],
])('regression: what %j says holds although its body breaks off', async (head, { retryAtMs, ...said }) => {
  const { outcome, nowMs } = await postTo(`HTTP/1.1 ${head}\nTransfer-Encoding: chunked\n\nnot a chunk\n`);
  expect(outcome).toMatchObject({ status: 'failed', ...said, ...(retryAtMs === undefined ? {} : { retryAtMs: nowMs + retryAtMs }) });
});

test('regression: secrets that a receiver repeats are taken out of the reason, and so is what commands a terminal', async () => {
  const said =
    'Cannot POST /services/T000/SecretOfThePath?key=SecretOfTheQuery, Bearer SecretOfTheHeader, SecretOfTheBody \u001b[31m\u202E';
  const { outcome } = await postTo(`HTTP/1.1 404 Not Found\nContent-Length: ${Buffer.byteLength(said)}\n\n${said}`, {
    headers: { authorization: 'Bearer SecretOfTheHeader' },
    secrets: ['SecretOfTheBody'],
  });
  expect(outcome).toMatchObject({ error: 'HTTP 404: Cannot POST /…/T000/…?key=…, Bearer …, … [31m' });
});
