export type Method = (this: object, ...values: unknown[]) => unknown;
/** Makes the method that stands in front of `original`. */
export type Wrap = (original: Method) => Method;

/**
 * Replaces a method until disposed of; name, length and own properties stay as they were. If somebody wrapped ours meanwhile, ours stays where it is and only
 * passes through, so the order of disposal does not matter. A method that is not there is left alone.
 */
export function replaceMethod(owner: object, name: string, wrap: Wrap): Disposable {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return { [Symbol.dispose]() {} };
  const wasOwn = Object.hasOwn(owner, name);
  const measured = wrap(original as Method);
  let isActive = true;
  const replacement: Method = function replaced(this: object, ...values) {
    return Reflect.apply(isActive ? measured : (original as Method), this, values);
  };
  for (const key of Reflect.ownKeys(original)) {
    const property = Reflect.getOwnPropertyDescriptor(original, key);
    if (property !== undefined && key !== 'prototype') Reflect.defineProperty(replacement, key, property);
  }
  Reflect.set(owner, name, replacement);
  return {
    [Symbol.dispose]: () => {
      isActive = false;
      if (Reflect.get(owner, name) !== replacement) return;
      if (wasOwn) Reflect.set(owner, name, original);
      else Reflect.deleteProperty(owner, name);
    },
  };
}
