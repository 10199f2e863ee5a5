/**
 * Meeting point of modules as they load and of those who measure them. The loader hook makes a module hand over what it keeps to itself; whoever
 * measures is told of each copy, those loaded before included, so monitors can start, stop and start again.
 */

/** Shared by all copies of this package, and named in the text the hook adds to modules. */
export const LOADED_MODULES_KEY = 'bellwether.modules';

export type Bindings = Readonly<Record<string, unknown>>;
/** Starts to measure one copy of a module. */
export type ReachModule = (bindings: Bindings) => Disposable | undefined;

export class LoadedModules {
  readonly #bindings = new Map<string, Bindings[]>();
  readonly #reachers = new Map<string, Set<(bindings: Bindings) => void>>();

  /** Called from within a module. Never throws. */
  hand(name: string, bindings: Bindings): void {
    const known = this.#bindings.get(name);
    if (known === undefined) this.#bindings.set(name, [bindings]);
    else known.push(bindings);
    for (const reach of this.#reachers.get(name) ?? []) reach(bindings);
  }

  /** Reaches every copy of a module, now and later, until disposed of. @param onFailure Told when `reach` threw; the module works on unmeasured. */
  onLoad(name: string, reach: ReachModule, onFailure: () => void): Disposable {
    const reached = new DisposableStack();
    const safeReach = (bindings: Bindings): void => {
      try {
        reached.use(reach(bindings));
      } catch {
        onFailure();
      }
    };
    let reachers = this.#reachers.get(name);
    if (reachers === undefined) this.#reachers.set(name, (reachers = new Set()));
    reachers.add(safeReach);
    this.#bindings.get(name)?.forEach(safeReach);
    return {
      [Symbol.dispose]: () => {
        reachers.delete(safeReach);
        reached.dispose();
      },
    };
  }
}

/** The one of this process and thread. */
export function loadedModules(): LoadedModules {
  const holder = globalThis as { [key: symbol]: LoadedModules | undefined };
  return (holder[Symbol.for(LOADED_MODULES_KEY)] ??= new LoadedModules());
}
