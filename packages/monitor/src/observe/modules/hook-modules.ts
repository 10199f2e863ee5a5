import module from 'node:module';
import { loadedModules } from './loaded-modules.ts';
import { HOOKED_MODULES, withHandOver } from './hooked-modules.ts';

const INSTALLED: unique symbol = Symbol.for('bellwether.module-hooks') as never;

/** Whether this Node has synchronous loader hooks (22.15, 23.5 and newer), which see ESM and CommonJS alike. */
export function hasModuleHooks(): boolean {
  return typeof (module as { readonly registerHooks?: unknown }).registerHooks === 'function';
}

/**
 * Makes the modules of `HOOKED_MODULES` hand themselves over as they load from now on; once a process, however often it is called, also from several copies of
 * this package. It stays for the life of the process and costs a look at each module's address.
 */
export function hookModules(): void {
  const holder = globalThis as { [INSTALLED]?: true };
  if (holder[INSTALLED] === true || !hasModuleHooks()) return;
  holder[INSTALLED] = true;
  loadedModules();
  module.registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const hooked = url.includes('/node_modules/') ? HOOKED_MODULES.find(({ file }) => file.test(url)) : undefined;
      if (hooked === undefined || loaded.source === undefined || loaded.source === null) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      return { ...loaded, source: withHandOver(hooked, source) };
    },
  });
}
