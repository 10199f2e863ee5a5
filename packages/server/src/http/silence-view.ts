import { timeIntervalView, type Silence as EngineSilence } from '@bellwether/monitor/engine';
import type { Silence } from '../api-types.ts';
import { matcherView } from './matchers.ts';
import { isoTime } from './time-view.ts';

export function silenceState(silence: EngineSilence, nowMs: number): Silence['state'] {
  if (silence.endsAtMs <= nowMs) return 'expired';
  return silence.startsAtMs > nowMs ? 'pending' : 'active';
}

export function silenceView(silence: EngineSilence, nowMs: number): Silence {
  return {
    id: silence.id,
    matchers: silence.matchers.map(matcherView),
    starts_at: isoTime(silence.startsAtMs),
    ends_at: isoTime(silence.endsAtMs),
    state: silenceState(silence, nowMs),
    ...(silence.times === undefined ? {} : { times: silence.times.map(timeIntervalView) }),
    author: silence.author,
    comment: silence.comment,
  };
}
