const CACHES = Symbol.for('bellwether.caches');

/** The process's live caches by name: how a monitor finds them without either importing the other. Made by whoever comes first. */
function caches(): Map<string, object> {
  const holder = globalThis as { [CACHES]?: Map<string, object> };
  return (holder[CACHES] ??= new Map<string, object>());
}

/** Lists `cache` under `name`, or `name-2`, `name-3`, … when taken; returns the name it got. */
export function register(name: string, cache: object): string {
  const map = caches();
  let free = name;
  for (let number = 2; map.has(free); number++) free = `${name}-${number}`;
  map.set(free, cache);
  return free;
}

export function unregister(name: string, cache: object): void {
  const map = caches();
  if (map.get(name) === cache) map.delete(name);
}
