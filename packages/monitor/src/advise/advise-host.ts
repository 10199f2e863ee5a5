import type { DiskFilling, HeapGrowth, HighCpu, HighMemory } from '../diagnose/finding.ts';
import { bytesText, spanText } from '../diagnose/number-text.ts';
import { adviceWithGain, type Advice } from './advice.ts';
import { queueingGain } from './impact-queueing.ts';

/** A process below this share of the host's load is not what to optimise. */
const OWN_SHARE_RATIO = 0.5;

export function adviseHighCpu({ resource, detail }: HighCpu): Advice {
  const { cpuPercent, ownShareRatio } = detail;
  const isOwn = (ownShareRatio ?? 1) >= OWN_SHARE_RATIO;
  return adviceWithGain({
    category: 'cpu',
    title: `CPU of ${resource} is ${cpuPercent.toFixed(0)} % busy`,
    description: isOwn
      ? 'The processors have little room left, so requests queue and every burst shows in the response times.'
      : 'The processors have little room left, and most of the load comes from other processes on this host.',
    effort: isOwn ? 'medium' : 'low',
    implementation: isOwn
      ? [
          'Take a CPU profile under this load (`node --cpu-prof`, or the inspector) and look at the functions with the largest self time.',
          'Look among the other recommendations for a query, cache or route of this process: less work is the cheapest processor.',
          'Cache results that are computed again and again with `enhancedCache.wrap`.',
          'If the work is needed, run more processes or give this one more CPU.',
        ]
      : [
          'Find the busy process on the host: `top -o %CPU`, or `process_cpu_usage` of the other instances here.',
          'Move it away, lower its priority, or limit it (`nice`, a cgroup CPU quota).',
          'Or give this service its own CPU reservation.',
        ],
    verification: `cpu_usage of ${resource} stays below its warning threshold for ten minutes under the same load.`,
    gain: {
      metric: 'api_response_time',
      ...queueingGain(cpuPercent / 100, { cautiousRatio: 0.1, hopefulRatio: 0.3 }),
      model: 'queueing at utilisation ρ when 10 to 30 % of the load is taken away',
    },
  });
}

export function adviseHighMemory({ resource, detail }: HighMemory): Advice {
  return {
    category: 'memory',
    title: `Memory of ${resource} is ${detail.usedPercent.toFixed(0)} % used`,
    description: 'When memory runs out the kernel ends a process, usually the largest one, without warning.',
    impact: `Keeps ${resource} from being ended for lack of memory; no change in speed until it swaps.`,
    effort: 'medium',
    implementation: [
      'See which process holds the memory: compare `process_resident_memory_bytes` of the instances with the host.',
      'If it is this process, compare two heap snapshots some minutes apart (`node --heapsnapshot-signal=SIGUSR2`).',
      'Lower the limits of caches (`CACHE_MAX_SIZE`) that hold more than they answer.',
      'Raise the container or host limit if the memory is needed.',
    ],
    verification: `memory_usage of ${resource} stays below ${detail.limitPercent} % for ten minutes.`,
    gain: undefined,
  };
}

export function adviseHeapGrowth({ resource, detail }: HeapGrowth): Advice {
  return {
    category: 'memory',
    title: `The heap of ${resource === 'heap' ? 'this process' : resource} grows without coming back`,
    description: `Memory that garbage collection does not free piles up by ${bytesText(detail.bytesPerSecond)} a second: something keeps references to what is no longer needed.`,
    impact: `Without a change the process ends with "heap out of memory" in about ${spanText(detail.secondsToLimit)}.`,
    effort: 'medium',
    implementation: [
      'Take two heap snapshots a minute apart (`node --heapsnapshot-signal=SIGUSR2`, or the inspector) and compare them by class: the class that only grows is the leak.',
      'Suspect what grows with traffic: arrays and Maps at module level used as caches, listeners added per request, timers that are never cleared.',
      'Replace an unbounded Map by `createEnhancedCache({ maxSize })`, which evicts.',
      `Until then restart the process before the limit of ${bytesText(detail.limitBytes)} is reached.`,
    ],
    verification: 'The floor of process_heap_used_bytes is level over ten minutes under the same load.',
    gain: undefined,
  };
}

export function adviseDisk({ detail }: DiskFilling): Advice {
  const { mount, usedPercent, secondsToFull } = detail;
  return {
    category: 'disk',
    title:
      secondsToFull === undefined
        ? `Volume ${mount} is ${usedPercent.toFixed(0)} % full`
        : `Volume ${mount} is full in ${spanText(secondsToFull)} at the present pace`,
    description: 'A full volume stops databases, logs and uploads at once, and often loses what was being written.',
    impact: `Keeps ${mount} writable.`,
    effort: 'low',
    implementation: [
      `Find what grows: \`du -xh ${mount} | sort -h | tail -20\`, twice some minutes apart.`,
      'Rotate and compress logs, shorten retention, or remove old builds and dumps.',
      'Deleted files that a process still holds open count too: `lsof +L1`.',
      `Enlarge ${mount} if what grows is wanted.`,
    ],
    verification: `disk_usage of ${mount} is below its warning threshold and its trend is level for an hour.`,
    gain: undefined,
  };
}
