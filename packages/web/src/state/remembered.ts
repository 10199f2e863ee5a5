const PREFIX = 'bellwether.';

/** What this browser remembers under the name; `null` when nothing, or when storage is blocked. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Remembers `value` in this browser; `null` forgets. Does nothing where storage is blocked. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}
