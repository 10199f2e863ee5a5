import type { ChannelHealth } from '../deliver/channel.ts';
import type { HeartbeatStatus } from '../deliver/heartbeat/heartbeats.ts';
import type { MetricMeta } from '../model/metric.ts';
import type { RemoteWriteStatus } from '../store/remote/remote-write.ts';
import type { StoreStats } from '../store/sample-store.ts';
import type { StoreWriter } from './store-writer.ts';

/** What the monitor says of itself. The texts appear in docs/metrics.md. */
export const SELF_METRICS: Readonly<Record<string, MetricMeta>> = {
  bellwether_collection_duration_seconds: { kind: 'gauge', unit: 'seconds', help: 'Time the last collection took.' },
  bellwether_store_series: { kind: 'gauge', unit: 'count', help: 'Series the store knows.' },
  bellwether_store_samples: { kind: 'gauge', unit: 'count', help: 'Samples the store holds.' },
  bellwether_store_bytes: { kind: 'gauge', unit: 'bytes', help: 'Size of the store on disk.' },
  bellwether_store_dropped_samples_total: { kind: 'counter', unit: 'count', help: 'Samples not kept, by reason.' },
  bellwether_alerts_active: { kind: 'gauge', unit: 'count', help: 'Alerts firing now.' },
  bellwether_channel_failures: { kind: 'gauge', unit: 'count', help: 'Attempts in a row that failed, by channel; 0 while it works.' },
  bellwether_heartbeat_overdue_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    help: 'How late an expected heartbeat is; 0 while it is in time.',
  },
  bellwether_remote_write_lag_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest sample that BELLWETHER_STORE_URL has not acknowledged.',
  },
  bellwether_remote_write_sent_samples_total: {
    kind: 'counter',
    unit: 'count',
    help: 'Samples that BELLWETHER_STORE_URL has acknowledged.',
  },
  bellwether_remote_write_failed_requests_total: {
    kind: 'counter',
    unit: 'count',
    help: 'Requests to BELLWETHER_STORE_URL that had to be repeated.',
  },
  bellwether_remote_write_dropped_samples_total: {
    kind: 'counter',
    unit: 'count',
    help: 'Samples that BELLWETHER_STORE_URL refused, or that waited longer than they are kept, by reason.',
  },
};

export interface SelfReading {
  readonly nowMs: number;
  readonly store: StoreStats;
  readonly alerts: number;
  readonly collectionMs: number;
  readonly channels: readonly ChannelHealth[];
  readonly heartbeats: readonly HeartbeatStatus[];
  readonly remoteWrite: RemoteWriteStatus | undefined;
}

export function selfMetrics(writer: StoreWriter, reading: SelfReading): void {
  const add = (name: string, value: number, labels: Readonly<Record<string, string>> = {}): void => {
    const meta = SELF_METRICS[name];
    writer.add(name, value, { atMs: reading.nowMs, labels, ...(meta === undefined ? {} : { meta }) });
  };
  add('bellwether_collection_duration_seconds', reading.collectionMs / 1000);
  add('bellwether_store_series', reading.store.series);
  add('bellwether_store_samples', reading.store.samples);
  add('bellwether_store_bytes', reading.store.bytesOnDisk);
  add('bellwether_alerts_active', reading.alerts);
  for (const { name, failures } of reading.channels) add('bellwether_channel_failures', failures, { channel: name });
  for (const { name, overdueMs } of reading.heartbeats) add('bellwether_heartbeat_overdue_seconds', overdueMs / 1000, { heartbeat: name });
  for (const [reason, count] of Object.entries(reading.store.droppedSamples))
    add('bellwether_store_dropped_samples_total', count, { reason });
  const { remoteWrite } = reading;
  if (remoteWrite === undefined) return;
  add('bellwether_remote_write_lag_seconds', remoteWrite.lagMs / 1000);
  add('bellwether_remote_write_sent_samples_total', remoteWrite.sentSamples);
  add('bellwether_remote_write_failed_requests_total', remoteWrite.failedRequests);
  for (const [reason, count] of Object.entries(remoteWrite.droppedSamples))
    add('bellwether_remote_write_dropped_samples_total', count, { reason });
}
