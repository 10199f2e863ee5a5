import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { BellwetherError } from '../../base/errors.ts';
import { resolveReference, type Environment } from '../reach/secret-reference.ts';

const LARGEST_SECRET_BYTES = 65_536;

/**
 * Resolves references of channels that were saved over the API: variables that are named for it, and files whose real path lies in one folder.
 * @param folder `undefined`: no files.
 */
export function apiReferences(folder: string | undefined, env: Environment): (value: string, place: string) => string {
  return (value, place) => {
    if (value.startsWith('env:') && !value.startsWith('env:BELLWETHER_SECRET_')) throw refused(place);
    return value.startsWith('file:') ? secretIn(folder, value.slice('file:'.length), place) : resolveReference(value, place, env);
  };
}

function refused(place: string): BellwetherError {
  return new BellwetherError(
    'config_invalid',
    `${place}: it may refer to variables BELLWETHER_SECRET_… and to files in the secrets folder`,
    {
      hint: 'Put the file into the folder "secrets" of the data directory and name it file:NAME.',
    },
  );
}

/** A file that is not there and one that lies elsewhere are told apart only inside the folder. */
function secretIn(folder: string | undefined, name: string, place: string): string {
  const wanted = folder === undefined ? undefined : path.resolve(folder, name);
  if (folder === undefined || wanted === undefined || !isInside(path.resolve(folder), wanted)) throw refused(place);
  const found = readInside(folder, wanted, place);
  if (found === '') throw new BellwetherError('config_invalid', `${place}: the file ${path.basename(wanted)} is empty`);
  return found;
}

function readInside(folder: string, wanted: string, place: string): string {
  let real: string;
  try {
    real = realpathSync(wanted);
    if (isInside(realpathSync(folder), real)) {
      const stats = statSync(real);
      if (stats.isFile() && stats.size <= LARGEST_SECRET_BYTES) return readFileSync(real, 'utf8').replace(/\r?\n$/, '');
    }
  } catch (cause) {
    throw new BellwetherError('config_invalid', `${place}: the file ${path.basename(wanted)} cannot be read in the secrets folder`, {
      hint: 'Put it there, readable for the server alone.',
      cause,
    });
  }
  throw refused(place);
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}
