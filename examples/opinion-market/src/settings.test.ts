import { expect, it } from 'vitest';
import { parseCommand, UsageError } from './settings.ts';

it('runs with defaults', () => {
  expect(parseCommand([], {})).toEqual({
    name: 'serve',
    settings: {
      port: 8001,
      monitorPort: 8002,
      rate: 50,
      faults: [],
      intervalSeconds: 1,
      dataDir: './.bellwether/opinion-market',
      push: undefined,
    },
  });
});

it('reads the environment, and flags win over it', () => {
  const env = {
    MARKET_PORT: '9001',
    MARKET_RATE: '5',
    MARKET_FAULT: 'blocking,heap-leak',
    BELLWETHER_PUSH_URL: 'http://h',
    BELLWETHER_PUSH_TOKEN: 't',
  };
  expect(parseCommand(['--rate', '7'], env)).toMatchObject({
    settings: { port: 9001, rate: 7, faults: ['blocking', 'heap-leak'], push: { url: 'http://h', token: 't' } },
  });
});

it('switches faults', () => {
  expect(parseCommand(['fault', 'slow-query', 'on', '--port', '9001'], {})).toEqual({
    name: 'fault',
    port: 9001,
    fault: 'slow-query',
    on: true,
  });
});

it.each([
  [['--fault', 'slowquery'], /There is no fault "slowquery"; there are slow-query/],
  [['fault', 'slow-query', 'maybe'], /opinion-market fault NAME on\|off/],
  [['--rate', 'fast'], /MARKET_RATE is "fast"; allowed/],
  [['--nonsense'], /nonsense/],
])('%j is refused with what is allowed', (args, message) => {
  expect(() => parseCommand(args, {})).toThrow(UsageError);
  expect(() => parseCommand(args, {})).toThrow(message);
});
