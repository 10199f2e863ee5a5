import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN_TOKEN, TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open({ limits: { liveViewers: 2 } });
  await api.record('cpu_usage', 42);
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

class Viewer {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  text = '';
  constructor(response: Response) {
    this.response = response;
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }
  static async open(): Promise<Viewer> {
    const request = new Request('http://localhost:8000/api/v1/performance/stream', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    return new Viewer(await api.app.handle(request));
  }
  /** Reads on until what was read holds as many frames. */
  async frames(count: number): Promise<readonly string[]> {
    for (;;) {
      const frames = this.text.split('\n\n').filter((event) => event.startsWith('event: frame\n'));
      if (frames.length >= count) return frames;
      const { value, done } = await this.#reader.read();
      if (done) throw new Error('the stream ended');
      this.text += new TextDecoder().decode(value);
    }
  }
  async readToEnd(): Promise<void> {
    while (!(await this.#reader.read()).done);
  }
  close(): Promise<void> {
    return this.#reader.cancel();
  }
}

test('a viewer gets a whole picture at once', async () => {
  const viewer = await Viewer.open();
  expect(viewer.response.headers.get('content-type')).toBe('text/event-stream');
  const [frame = ''] = await viewer.frames(1);
  const data = JSON.parse(frame.split('\ndata: ')[1] ?? '');
  expect(data.summary.cpu_usage).toMatchObject({ current: 42, unit: 'percent' });
  expect(Object.keys(data).sort()).toEqual(['alerts', 'cache', 'health', 'recommendations', 'severity_breakdown', 'summary', 'timestamp']);
  await viewer.close();
});

test('frames go on every five seconds while nothing is collected', async () => {
  const viewer = await Viewer.open();
  await viewer.frames(1);
  await api.clock.advance(5000);
  await api.clock.advance(5000);
  expect((await viewer.frames(3)).length).toBe(3);
  await viewer.close();
});

test('one more viewer than allowed is told so, and may come when another has gone', async () => {
  const first = await Viewer.open();
  const second = await Viewer.open();
  expect((await api.get('/api/v1/performance/stream')).body).toMatchObject({ status: 503, code: 'too_many_viewers' });
  await first.close();
  const third = await Viewer.open();
  expect(third.response.status).toBe(200);
  await second.close();
  await third.close();
});

test('a viewer that stops reading is let go and its memory with it', async () => {
  const stuck = await Viewer.open();
  for (let i = 0; i < 20; i++) await api.clock.advance(5000);
  expect((await Viewer.open()).response.status).toBe(200);
  expect((await Viewer.open()).response.status).toBe(200);
  await expect(stuck.readToEnd()).rejects.toThrow('stopped reading');
});

test('nothing runs once the last viewer has gone, and closing ends all streams', async () => {
  const before = api.clock.pendingTimers;
  const viewer = await Viewer.open();
  await viewer.frames(1);
  await viewer.close();
  expect(api.clock.pendingTimers).toBe(before);
  const last = await Viewer.open();
  api.app[Symbol.dispose]();
  await last.readToEnd();
  expect((await api.get('/api/v1/performance/stream')).status).toBe(503);
});
