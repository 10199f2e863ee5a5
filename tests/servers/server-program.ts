import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a program of a real server is on this machine. Tests that need one it lacks skip with a loud line. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));
}

/** A TCP port of 127.0.0.1 that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** How a server is run. */
export interface ServerProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Asked until it holds; a refused connection counts as not yet. */
  readonly isReady: () => Promise<boolean>;
  /** @default 20,000 */
  readonly startWithinMs?: number;
  /** User and group to run as, for servers that refuse root. */
  readonly uid?: number;
  readonly gid?: number;
  /** @default this process's */
  readonly env?: Readonly<Record<string, string>>;
}

const RESTART_WITHIN_MS = 5000;

/** A real server at work, which can be killed, paused and started again on the same port and folder. */
export class RunningProgram implements AsyncDisposable {
  readonly #program: ServerProgram;
  #child: ChildProcess | undefined;
  #wasKilled = false;

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  /** @throws Error while it does not run. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.#program.command} does not run`);
    return pid;
  }

  /**
   * Resolves once it answers. What was killed may leave children that hold its memory and files a moment longer, so a start after a kill is tried again for
   * 5 s. @throws Error with what it printed when it ends before or does not answer in time.
   */
  async start(): Promise<void> {
    const untilMs = Date.now() + (this.#wasKilled ? RESTART_WITHIN_MS : 0);
    for (;;) {
      try {
        await this.#startOnce();
        return;
      } catch (error) {
        if (Date.now() >= untilMs) throw error;
        await sleep(100);
      }
    }
  }

  async #startOnce(): Promise<void> {
    const { command, args, isReady, startWithinMs = 20_000, uid, gid, env } = this.#program;
    const output: string[] = [];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(env === undefined ? {} : { env }),
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const deadlineMs = Date.now() + startWithinMs;
    while (!(await isReady().catch(() => false))) {
      if (isOver() || Date.now() > deadlineMs) {
        await this.kill();
        throw new Error(`${command} did not start: ${output.join('').slice(-2000)}`);
      }
      await sleep(20);
    }
  }

  /** Ends it without warning and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#wasKilled = true;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }
  /** Stops its clock: connections stay open and nothing answers. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }
  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A private folder that goes with the object. */
export function temporaryFolder(name: string): Disposable & { readonly path: string } {
  const folder = mkdtempSync(path.join(tmpdir(), `bellwether-${name}-`));
  return { path: folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Whether `url` answers with a success. */
export async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
}
