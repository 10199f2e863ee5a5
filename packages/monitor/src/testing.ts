export { FakeClock } from './base/fake-clock.ts';
