import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { Rate, type Collector, type Readings } from './collector.ts';
import { KeptFile } from './kept-file.ts';

/** What /proc/diskstats calls a sector, whatever the device's. */
const SECTOR_BYTES = 512;
const NOT_DISKS = /^(loop|ram|fd|sr|zram|nbd)\d/;
/** A part of a disk, whose traffic is the disk's too. */
const PARTITION = /^(?:[hsv]d[a-z]+\d+|xvd[a-z]+\d+|(?:nvme\d+n\d+|mmcblk\d+)p\d+)$/;
/** Devices made of others: told, but left out of sums. */
const STACKED = /^(dm-|md|bcache|drbd)/;
const MOST_DEVICES = 32;

/** Operations, bytes and time by disk, and bytes a second in all. */
export class LinuxDiskIo implements Collector {
  readonly name = 'disk_io';
  readonly #clock: Clock;
  readonly #stats: KeptFile;
  readonly #read = new Rate();
  readonly #written = new Rate();

  constructor(systemRoot: string, clock: Clock) {
    this.#clock = clock;
    this.#stats = new KeptFile(path.join(systemRoot, 'proc/diskstats'));
  }

  collect(into: Readings): void {
    const text = this.#stats.read();
    if (text === undefined) return;
    let readBytes = 0;
    let writtenBytes = 0;
    let devices = 0;
    for (const line of text.split('\n')) {
      const [, , device = '', ...cells] = line.trim().split(/ +/);
      if (device === '' || NOT_DISKS.test(device) || PARTITION.test(device)) continue;
      const [reads = 0, , sectorsRead = 0, readMs = 0, writes = 0, , sectorsWritten = 0, writeMs = 0, , busyMs = 0] = cells.map(Number);
      if (reads + writes === 0 || ++devices > MOST_DEVICES) continue;
      const labels = { device };
      into.counter('disk_reads_total', reads, labels);
      into.counter('disk_writes_total', writes, labels);
      into.counter('disk_read_bytes_total', sectorsRead * SECTOR_BYTES, labels);
      into.counter('disk_written_bytes_total', sectorsWritten * SECTOR_BYTES, labels);
      into.counter('disk_read_seconds_total', readMs / 1000, labels);
      into.counter('disk_write_seconds_total', writeMs / 1000, labels);
      into.counter('disk_io_seconds_total', busyMs / 1000, labels);
      if (STACKED.test(device)) continue;
      readBytes += sectorsRead * SECTOR_BYTES;
      writtenBytes += sectorsWritten * SECTOR_BYTES;
    }
    const atMs = this.#clock.monotonicMs();
    into.gauge('disk_read_bytes_per_second', this.#read.next(readBytes, atMs));
    into.gauge('disk_write_bytes_per_second', this.#written.next(writtenBytes, atMs));
  }

  [Symbol.dispose](): void {
    this.#stats[Symbol.dispose]();
  }
}
