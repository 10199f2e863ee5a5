import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { percentOf, type Collector, type Readings } from './collector.ts';
import { KeptFile } from './kept-file.ts';

/** File systems that hold data on a disk of this machine. Network ones are left out: asking a server that is gone never returns. */
const ON_DISK: ReadonlySet<string> = new Set(
  'ext2 ext3 ext4 xfs btrfs f2fs vfat exfat ntfs ntfs3 fuseblk zfs jfs reiserfs bcachefs ufs apfs overlay'.split(' '),
);
const MOST_MOUNTS = 32;
/** Mounts change rarely. */
const MOUNTS_AGAIN_AFTER_MS = 60_000;
/** Space changes slowly, and each question takes a thread of the pool that the program's own files need. Sooner, the last answer is told again. */
const SPACE_AGAIN_AFTER_MS = 10_000;

interface Space {
  readonly usedBytes: number;
  readonly totalBytes: number;
  readonly inodesUsedRatio: number | undefined;
}

interface Mount {
  readonly device: string;
  readonly point: string;
}

export interface DiskSpaceOptions {
  /** `/`, or a directory that looks like one, for the list of mounts. */
  readonly systemRoot: string;
  /** A path on the file system whose usage is `disk_usage`. */
  readonly dataDir: string;
  /** @default the kernel's statfs */
  readonly statfs?: (
    path: string,
  ) => Promise<{ blocks: number; bfree: number; bavail: number; bsize: number; files: number; ffree: number }>;
}

/** Space and inodes by mounted file system, and `disk_usage` of the one that holds the data directory. */
export class DiskSpace implements Collector {
  readonly name = 'disk_space';
  readonly #options: DiskSpaceOptions;
  readonly #mountinfo: KeptFile;
  #mounts: readonly Mount[] = [];
  #mountsAtMs = -Infinity;
  /** Mounts whose answer is still awaited: they are not asked again. */
  readonly #asked = new Set<string>();
  readonly #answers = new Map<string, Space & { readonly atMs: number }>();

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
    this.#mountinfo = new KeptFile(path.join(options.systemRoot, 'proc/self/mountinfo'));
  }

  async collect(into: Readings, nowMs: number): Promise<void> {
    if (nowMs - this.#mountsAtMs >= MOUNTS_AGAIN_AFTER_MS || nowMs < this.#mountsAtMs) {
      this.#mounts = parseMounts(this.#mountinfo.read() ?? '');
      this.#mountsAtMs = nowMs;
      this.#answers.clear();
    }
    const dataDir = await this.#ask(this.#options.dataDir, nowMs);
    into.gauge('disk_usage', dataDir === undefined ? undefined : percentOf(dataDir.usedBytes, dataDir.totalBytes));
    const mounts = this.#mounts.length > 0 ? this.#mounts : [{ device: '', point: path.parse(this.#options.dataDir).root }];
    for (const { point } of mounts) {
      const space = await this.#ask(point, nowMs).catch(() => undefined);
      if (space === undefined || space.totalBytes === 0) continue;
      into.gauge('disk_usage_bytes', space.usedBytes, { mount: point });
      into.gauge('disk_total_bytes', space.totalBytes, { mount: point });
      into.gauge('disk_inodes_used_ratio', space.inodesUsedRatio, { mount: point });
    }
  }

  [Symbol.dispose](): void {
    this.#mountinfo[Symbol.dispose]();
  }

  async #ask(point: string, nowMs: number): Promise<Space | undefined> {
    const known = this.#answers.get(point);
    if (known !== undefined && nowMs >= known.atMs && nowMs - known.atMs < SPACE_AGAIN_AFTER_MS) return known;
    this.#answers.delete(point);
    if (this.#asked.has(point)) return undefined;
    this.#asked.add(point);
    try {
      const { blocks, bfree, bavail, bsize, files, ffree } = await (this.#options.statfs ?? statfs)(point);
      const usedBytes = (blocks - bfree) * bsize;
      // As df does: what is reserved for root is neither used nor to be had.
      const totalBytes = usedBytes + bavail * bsize;
      const space = { usedBytes, totalBytes, inodesUsedRatio: files > 0 ? (files - ffree) / files : undefined, atMs: nowMs };
      this.#answers.set(point, space);
      return space;
    } finally {
      this.#asked.delete(point);
    }
  }
}

/** One mount a device, the one with the shortest path: the others are bind mounts of its parts. */
function parseMounts(mountinfo: string): Mount[] {
  const byDevice = new Map<string, Mount>();
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device = '', , escaped = '', options = ''] = before.split(' ');
    const [type = ''] = after.split(' ');
    if (!ON_DISK.has(type)) continue;
    // Of images that are layered only the one the process lives on counts; read-only media are always full.
    const point = escaped.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
    if ((type === 'overlay' && point !== '/') || (options.split(',').includes('ro') && point !== '/')) continue;
    const known = byDevice.get(device);
    if (known === undefined || point.length < known.point.length) byDevice.set(device, { device, point });
  }
  return [...byDevice.values()].slice(0, MOST_MOUNTS);
}
