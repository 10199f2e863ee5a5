/**
 * `DisposableStack` and `AsyncDisposableStack` where Node does not have them yet (before 24): what is used of them here, in the words of the proposal
 * (https://github.com/tc39/proposal-explicit-resource-management). Imported for its effect by every entry of the package. Global, for both the code and the types name them so.
 */
type Release = () => unknown;

/** What is left to do, newest first; errors come out together when all has been tried. */
class Releases {
  #releases: Release[] | undefined = [];

  get isDisposed(): boolean {
    return this.#releases === undefined;
  }
  add(release: Release): void {
    if (this.#releases === undefined) throw new ReferenceError('The stack has been disposed of');
    this.#releases.push(release);
  }
  take(): Release[] {
    const taken = this.#releases ?? [];
    this.#releases = undefined;
    return taken.reverse();
  }
}

function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'Several resources could not be disposed of');
}

class SyncStack {
  #releases = new Releases();

  get disposed(): boolean {
    return this.#releases.isDisposed;
  }
  use<T extends Disposable | null | undefined>(resource: T): T {
    if (resource !== null && resource !== undefined) this.#releases.add(() => resource[Symbol.dispose]());
    return resource;
  }
  adopt<T>(value: T, release: (value: T) => void): T {
    this.#releases.add(() => release(value));
    return value;
  }
  defer(release: () => void): void {
    this.#releases.add(release);
  }
  move(): SyncStack {
    const moved = new SyncStack();
    moved.#releases = this.#releases;
    this.#releases = new Releases();
    this.#releases.take();
    return moved;
  }
  dispose(): void {
    const errors: unknown[] = [];
    for (const release of this.#releases.take()) {
      try {
        release();
      } catch (error) {
        errors.push(error);
      }
    }
    throwAll(errors);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

class AsyncStack {
  #releases = new Releases();

  get disposed(): boolean {
    return this.#releases.isDisposed;
  }
  use<T extends AsyncDisposable | Disposable | null | undefined>(resource: T): T {
    if (resource === null || resource === undefined) return resource;
    this.#releases.add(() => (Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose]()));
    return resource;
  }
  adopt<T>(value: T, release: (value: T) => unknown): T {
    this.#releases.add(() => release(value));
    return value;
  }
  defer(release: () => unknown): void {
    this.#releases.add(release);
  }
  move(): AsyncStack {
    const moved = new AsyncStack();
    moved.#releases = this.#releases;
    this.#releases = new Releases();
    this.#releases.take();
    return moved;
  }
  async disposeAsync(): Promise<void> {
    const errors: unknown[] = [];
    for (const release of this.#releases.take()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    throwAll(errors);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.disposeAsync();
  }
}

const holder = globalThis as { DisposableStack?: unknown; AsyncDisposableStack?: unknown };
holder.DisposableStack ??= SyncStack;
holder.AsyncDisposableStack ??= AsyncStack;

/** For tests: the classes whatever Node has of its own. */
export { AsyncStack, SyncStack };
