import { CacheError, shown } from './errors.ts';

/** Refuses an option that does not exist, with the one that was probably meant. @throws {CacheError} `cache_option_invalid`. */
export function refuseUnknown(options: object, known: readonly string[], what: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
    const near = known.find(
      (other) => other.toLowerCase() === plain || `${other.toLowerCase()}s` === plain || other.toLowerCase() === `${plain}s`,
    );
    throw new CacheError('cache_option_invalid', `There is no ${what} option ${shown(name)}.`, {
      hint: near === undefined ? `Known options: ${known.join(', ')}.` : `Did you mean ${near}?`,
    });
  }
}
