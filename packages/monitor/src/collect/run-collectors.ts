import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { metaOf } from '../instruments/catalogue.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricMeta } from '../model/metric.ts';
import type { Collector, Readings, SampleSink } from './collector.ts';

/** A collector that keeps failing is asked again after 1, 2, 4, … rounds, at most this many. */
const LONGEST_PAUSE_ROUNDS = 64;
/** A dying disk may never answer: the round goes on without a collector that waits for it. */
const PATIENCE_MS = 2000;

interface Health {
  failures: number;
  /** In a row; 0 when the last round was good. */
  streak: number;
  roundsToSkip: number;
}

/**
 * Asks collectors in turn. One that fails, or does not answer within 2 s, is reported when it begins to fail and when it works again, counted each time, and left in peace for
 * a growing number of rounds; the others go on.
 */
export class CollectorRunner {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #health = new Map<Collector, Health>();
  readonly #metas = new Map<string, MetricMeta>();

  constructor(collectors: readonly Collector[], { clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
    for (const collector of collectors) this.#health.set(collector, { failures: 0, streak: 0, roundsToSkip: 0 });
  }

  async run(sink: SampleSink, nowMs: number): Promise<void> {
    const into = this.#readings(sink, nowMs);
    for (const [collector, health] of this.#health) {
      if (health.roundsToSkip > 0) health.roundsToSkip--;
      else await this.#runOne(collector, { health, into, nowMs });
      if (health.failures > 0) into.counter('bellwether_collector_failures_total', health.failures, { collector: collector.name });
    }
  }

  async #runOne(
    collector: Collector,
    { health, into, nowMs }: { readonly health: Health; readonly into: Readings; readonly nowMs: number },
  ): Promise<void> {
    try {
      // Awaiting only what waits keeps a round of synchronous collectors in one turn.
      const pending = collector.collect(into, nowMs);
      if (pending !== undefined) await this.#inTime(pending);
      if (health.streak > 0) this.#log.info({ collector: collector.name }, 'A collector works again');
      health.streak = 0;
    } catch (error) {
      health.failures++;
      if (health.streak === 0) {
        this.#log.warn(
          { collector: collector.name, error: messageOf(error) },
          'A collector failed; it is tried again later, the others go on',
        );
      }
      health.roundsToSkip = Math.min(LONGEST_PAUSE_ROUNDS, 2 ** health.streak) - 1;
      health.streak++;
    }
  }

  async #inTime(pending: Promise<void>): Promise<void> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    using _timer = this.#clock.schedule(PATIENCE_MS, () => reject(new Error(`No answer within ${PATIENCE_MS / 1000} s`)));
    await Promise.race([pending, tooLate]);
  }

  #readings(sink: SampleSink, atMs: number): Readings {
    const add = (name: string, value: number | undefined, labels: Labels | undefined): void => {
      if (value === undefined || !Number.isFinite(value)) return;
      let meta = this.#metas.get(name);
      if (meta === undefined) this.#metas.set(name, (meta = metaOf(name)));
      sink.add(name, value, labels === undefined ? { atMs, meta } : { atMs, meta, labels });
    };
    return { gauge: add, counter: add };
  }
}
