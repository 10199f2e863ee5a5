import { readFileSync } from 'node:fs';
import { BellwetherError } from '../../base/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text a configured value stands for: `env:NAME` the variable, `file:/path` the file without its last line break, anything else itself.
 * Errors name the reference, never the value.
 * @param place For errors: which channel and field.
 * @throws BellwetherError `config_invalid` when the reference leads nowhere or to nothing.
 */
export function resolveReference(value: string, place: string, env: Environment): string {
  if (value.startsWith('env:')) {
    const found = env[value.slice(4)];
    if (found !== undefined && found !== '') return found;
    throw new BellwetherError('config_invalid', `${place}: the variable ${value.slice(4)} is not set`, {
      hint: 'Set it, or name another one.',
    });
  }
  if (!value.startsWith('file:')) return value;
  const path = value.slice(5);
  try {
    const found = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (found !== '') return found;
  } catch (cause) {
    throw new BellwetherError('config_invalid', `${place}: the file ${path} cannot be read`, {
      hint: 'Check its path and permissions.',
      cause,
    });
  }
  throw new BellwetherError('config_invalid', `${place}: the file ${path} is empty`, { hint: 'Write the secret into it.' });
}
