/** Checks of configured fields. Values are never repeated in errors: they may be secrets. */
export interface FieldCheck {
  /** What is allowed, to stand after `must be`. */
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  readonly required?: true;
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '' && !/[\r\n]/.test(value);
const isReference = (value: unknown): boolean => isText(value) && /^(env:[A-Za-z_]\w*|file:.+)$/.test(value);
export const isHttpUrl = (value: unknown): boolean => isText(value) && /^https?:\/\//.test(value) && URL.canParse(value);

export const TEXT: FieldCheck = { allowed: 'a text of one line', accepts: isText };
export const FLAG: FieldCheck = { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' };
export const PORT: FieldCheck = {
  allowed: 'a number from 1 to 65535',
  accepts: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535,
};
export const ADDRESS: FieldCheck = { allowed: 'an e-mail address', accepts: (value) => isText(value) && value.includes('@') };
export const ADDRESSES: FieldCheck = {
  allowed: 'a list of at least one e-mail address',
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(ADDRESS.accepts),
};
/** An address, or `env:NAME` or `file:/path` that leads to one. */
export const HTTP_URL: FieldCheck = {
  allowed: 'an http:// or https:// URL, env:NAME or file:/path',
  accepts: (value) => isReference(value) || isHttpUrl(value),
};

export function required(check: FieldCheck): FieldCheck {
  return { ...check, required: true };
}
