import {
  createEngine,
  createLocalCaches,
  DEFAULT_THRESHOLDS,
  silentLogger,
  type EngineOptions,
  type RunningEngine,
} from '@bellwether/monitor/engine';
import { FakeClock } from '@bellwether/monitor/testing';
import type { Scope } from '../api-types.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { Auth } from '../auth/auth.ts';
import { createApp, type App, type AppOptions } from '../http/app.ts';

export const ADMIN_TOKEN = 'test-administrator-0123456789';

export interface CallOptions {
  /** `''` sends none. @default the administrator's */
  readonly token?: string;
  /** Sent as JSON unless it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are judged by their shape
  readonly body: any;
}

/** The whole API over an engine in memory that collects nothing: tests bring the samples. */
export class TestApi implements AsyncDisposable {
  readonly engine: RunningEngine;
  readonly clock: FakeClock;
  readonly auth: Auth;
  readonly app: App;

  private constructor(parts: { readonly engine: RunningEngine; readonly clock: FakeClock; readonly auth: Auth; readonly app: App }) {
    this.engine = parts.engine;
    this.clock = parts.clock;
    this.auth = parts.auth;
    this.app = parts.app;
  }

  static async open(options: Partial<AppOptions> = {}, engineOptions: Partial<EngineOptions> = {}): Promise<TestApi> {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    let count = 0;
    const ids = (): string => `id-${++count}`;
    const engine = await createEngine({
      clock,
      log: silentLogger,
      ids,
      dataDir: ':memory:',
      intervalMs: 1000,
      thresholds: DEFAULT_THRESHOLDS,
      caches: createLocalCaches(clock),
      collectHost: false,
      ...engineOptions,
    });
    const { state } = engine;
    const auth = await Auth.open({ state, clock, ids, givenToken: ADMIN_TOKEN });
    const audit = new AuditLog({ state, clock, ids, log: silentLogger });
    return new TestApi({ engine, clock, auth, app: createApp({ engine, auth, audit, log: silentLogger, ...options }) });
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { token = ADMIN_TOKEN, body, headers = {}, address = '192.0.2.1' } = options;
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
    const request = new Request(`http://localhost:8000${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
    const response = await this.app.handle(request, address);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  async get(path: string, options: CallOptions = {}): Promise<Answer> {
    return await this.call('GET', path, options);
  }

  /** One sample of one series, now. */
  async record(name: string, value: number, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const meta = { kind: 'gauge', unit: name.endsWith('_usage') ? 'percent' : '', help: '' } as const;
    await this.engine.ingest([{ name, labels, meta, timesMs: [this.clock.nowMs()], values: [value] }]);
  }

  async newToken(scope: Scope): Promise<string> {
    return (await this.auth.tokens.create({ name: `a ${scope} token`, scope })).text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.app[Symbol.dispose]();
    await this.engine[Symbol.asyncDispose]();
  }
}
