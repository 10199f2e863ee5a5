import { expect, test } from 'vitest';
import { AsyncStack, SyncStack } from './disposable-stack.ts';

// What Node 24 brings of its own is the reference.
test.each([
  ['ours', SyncStack],
  ['node’s', DisposableStack],
] as const)('contract: a stack disposes newest first, once, and of everything whatever fails (%s)', (_, Stack) => {
  const order: string[] = [];
  const stack = new Stack();
  stack.defer(() => void order.push('first'));
  expect(stack.use(null)).toBeNull();
  stack.use({ [Symbol.dispose]: () => void order.push('second') });
  stack.adopt('third', (name) => void order.push(name));
  stack.defer(() => {
    throw new Error('no');
  });
  expect(() => stack.dispose()).toThrow('no');
  stack.dispose();
  expect(order).toEqual(['third', 'second', 'first']);
  expect(stack.disposed).toBe(true);
  expect(() => stack.defer(() => {})).toThrow(ReferenceError);
});

test.each([
  ['ours', SyncStack],
  ['node’s', DisposableStack],
] as const)('contract: what was moved is the new stack’s (%s)', (_, Stack) => {
  const order: string[] = [];
  const stack = new Stack();
  stack.defer(() => void order.push('moved'));
  const moved = stack.move();
  expect(stack.disposed).toBe(true);
  stack.dispose();
  expect(order).toEqual([]);
  moved.dispose();
  expect(order).toEqual(['moved']);
});

test.each([
  ['ours', AsyncStack],
  ['node’s', AsyncDisposableStack],
] as const)('contract: an asynchronous stack waits for each before the next (%s)', async (_, Stack) => {
  const order: string[] = [];
  const stack = new Stack();
  stack.use({ [Symbol.dispose]: () => void order.push('plain') });
  stack.use({
    async [Symbol.asyncDispose]() {
      await Promise.resolve();
      order.push('awaited');
    },
  });
  stack.defer(async () => {
    await Promise.resolve();
    throw new Error('no');
  });
  const moved = stack.move();
  await expect(moved.disposeAsync()).rejects.toThrow('no');
  await moved[Symbol.asyncDispose]();
  expect(order).toEqual(['awaited', 'plain']);
});
