import { expect, test } from 'vitest';
import { alertOf } from '../channel.contract.ts';
import { parseStored } from './stored-notification.ts';

test('regression: half a surrogate pair or a control character in a label does not reach a receiver, which would refuse the message', () => {
  const labels = { half: 'a\uD83D', control: 'b\u0000\u001B', whole: '😀\t\n' };
  const stored = JSON.stringify({ title: 'x\uDE00', reason: 'new', alerts: [alertOf({ labels })] });
  expect(parseStored(stored)).toMatchObject({
    title: 'x\uFFFD',
    alerts: [{ labels: { half: 'a\uFFFD', control: 'b\uFFFD\uFFFD', whole: '😀\t\n' } }],
  });
});
