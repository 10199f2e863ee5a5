import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ResolvedLimits } from '../limits.ts';
import { ApiProblem } from './problem.ts';

const MINUTE_S = 60;

function tooMany(reply: RateLimiterRes): ApiProblem {
  const seconds = Math.max(1, Math.ceil(reply.msBeforeNext / 1000));
  return new ApiProblem('rate_limited', `Too many requests; try again in ${seconds} s.`, { headers: { 'retry-after': String(seconds) } });
}

async function take(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (reply) {
    if (reply instanceof RateLimiterRes) throw tooMany(reply);
    throw reply;
  }
}

/** Requests a token may make in a minute, and wrong tokens an address may try. */
export class RateLimits {
  readonly #requests: RateLimiterMemory;
  readonly #pushes: RateLimiterMemory;
  readonly #failures: RateLimiterMemory;

  constructor(limits: ResolvedLimits) {
    this.#requests = new RateLimiterMemory({ points: limits.requestsPerMinute, duration: MINUTE_S });
    this.#pushes = new RateLimiterMemory({ points: limits.pushesPerMinute, duration: MINUTE_S });
    this.#failures = new RateLimiterMemory({ points: limits.failedLoginsPerMinute, duration: MINUTE_S });
  }

  /** @throws ApiProblem `rate_limited` with Retry-After */
  request(tokenId: string): Promise<void> {
    return take(this.#requests, tokenId);
  }
  /** @throws ApiProblem `rate_limited` with Retry-After */
  push(tokenId: string): Promise<void> {
    return take(this.#pushes, tokenId);
  }
  /** Counts a wrong token. @throws ApiProblem `rate_limited` with Retry-After once there were too many */
  failure(address: string): Promise<void> {
    return take(this.#failures, address);
  }
}
