import { expect, test } from 'vitest';
import { replaceMethod, type Wrap } from './replace-method.ts';

class Door {
  open(by: string): string {
    return `opened by ${by}`;
  }
}
const marked =
  (mark: string): Wrap =>
  (original) =>
    function open(this: object, ...values) {
      return `${mark}(${String(Reflect.apply(original, this, values))})`;
    };

test('the order of disposal does not matter, and in the end nothing is measured', () => {
  const first = replaceMethod(Door.prototype, 'open', marked('a'));
  const second = replaceMethod(Door.prototype, 'open', marked('b'));
  expect(new Door().open('me')).toBe('b(a(opened by me))');
  first[Symbol.dispose]();
  expect(new Door().open('me')).toBe('b(opened by me)');
  second[Symbol.dispose]();
  expect(new Door().open('me')).toBe('opened by me');
});

test('what others wrapped around ours stays theirs', () => {
  const door = new Door();
  const ours = replaceMethod(door, 'open', marked('ours'));
  const inner = door.open.bind(door);
  door.open = (by) => `theirs(${inner(by)})`;
  ours[Symbol.dispose]();
  expect(door.open('me')).toBe('theirs(opened by me)');
});

test('name and length stay, an inherited method is inherited again, a missing one is left alone', () => {
  const door = new Door();
  const replaced = replaceMethod(door, 'open', marked('x'));
  expect([door.open.name, door.open.length]).toEqual(['open', 1]);
  replaced[Symbol.dispose]();
  expect(Object.hasOwn(door, 'open')).toBe(false);
  replaceMethod(door, 'lock', marked('x'))[Symbol.dispose]();
  expect('lock' in door).toBe(false);
});
