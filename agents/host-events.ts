/**
 * Two looks at the machine's counters into events. Field names carry their unit; rates are per
 * second over the time between the looks, shares are percent of one whole.
 */
import type { Event } from '../src/model/value.ts';
import type { CpuReading, DiskReading, NetworkReading, ProcessReading } from './host-readings.ts';

/** Of /proc on every Linux that Node.js runs on. */
const JIFFIES_PER_SECOND = 100;
const PAGE_BYTES = 4_096;
/** Processes told of in one look, the busiest and the largest first. */
const PROCESSES_MAX = 50;

export function cpuEvents(
  before: readonly CpuReading[],
  after: readonly CpuReading[],
  load: readonly number[],
): readonly Event[] {
  const known = new Map(before.map((reading) => [reading.cpu, reading]));
  return pairs(after, (reading) => known.get(reading.cpu)).flatMap(([now, then]) => {
    const total = now.total - then.total;
    if (total <= 0) return [];
    const share = (part: (reading: CpuReading) => number): number =>
      percent(part(now) - part(then), total);
    return [
      {
        cpu: now.cpu,
        used_percent: share((r) => r.total - r.idle - r.iowait),
        user_percent: share((r) => r.user),
        system_percent: share((r) => r.system),
        iowait_percent: share((r) => r.iowait),
        steal_percent: share((r) => r.steal),
        ...(now.cpu === 'all'
          ? { load1: rounded(load[0] ?? 0), load5: rounded(load[1] ?? 0) }
          : {}),
      },
    ];
  });
}

export function memoryEvent(bytes: ReadonlyMap<string, number>): Event | null {
  const total = bytes.get('MemTotal');
  if (total === undefined || total === 0) return null;
  const available = bytes.get('MemAvailable') ?? bytes.get('MemFree') ?? 0;
  const swapTotal = bytes.get('SwapTotal') ?? 0;
  return {
    total_bytes: total,
    available_bytes: available,
    used_bytes: total - available,
    used_percent: percent(total - available, total),
    free_bytes: bytes.get('MemFree') ?? null,
    cached_bytes: bytes.get('Cached') ?? null,
    dirty_bytes: bytes.get('Dirty') ?? null,
    swap_total_bytes: swapTotal,
    swap_used_bytes: swapTotal - (bytes.get('SwapFree') ?? 0),
  };
}

export function diskEvents(
  before: readonly DiskReading[],
  after: readonly DiskReading[],
  seconds: number,
): readonly Event[] {
  const known = new Map(before.map((reading) => [reading.device, reading]));
  return pairs(after, (reading) => known.get(reading.device)).map(([now, then]) => ({
    device: now.device,
    read_bytes_per_s: rate(now.readBytes - then.readBytes, seconds),
    write_bytes_per_s: rate(now.writtenBytes - then.writtenBytes, seconds),
    reads_per_s: rate(now.reads - then.reads, seconds),
    writes_per_s: rate(now.writes - then.writes, seconds),
    busy_percent: Math.min(100, percent(now.busyMs - then.busyMs, seconds * 1_000)),
  }));
}

/** Space of one mounted file system. */
export function spaceEvent(
  mount: string,
  stat: { readonly bsize: number; readonly blocks: number; readonly bavail: number },
): Event {
  const total = stat.blocks * stat.bsize;
  const available = stat.bavail * stat.bsize;
  return {
    mount,
    total_bytes: total,
    available_bytes: available,
    used_percent: total === 0 ? null : percent(total - available, total),
  };
}

export function networkEvents(
  before: readonly NetworkReading[],
  after: readonly NetworkReading[],
  seconds: number,
): readonly Event[] {
  const known = new Map(before.map((reading) => [reading.device, reading]));
  return pairs(after, (reading) => known.get(reading.device)).map(([now, then]) => ({
    device: now.device,
    received_bytes_per_s: rate(now.receivedBytes - then.receivedBytes, seconds),
    sent_bytes_per_s: rate(now.sentBytes - then.sentBytes, seconds),
    received_packets_per_s: rate(now.receivedPackets - then.receivedPackets, seconds),
    sent_packets_per_s: rate(now.sentPackets - then.sentPackets, seconds),
    receive_errors_per_s: rate(now.receiveErrors - then.receiveErrors, seconds),
    send_errors_per_s: rate(now.sendErrors - then.sendErrors, seconds),
  }));
}

export function processEvents(
  before: readonly ProcessReading[],
  after: readonly ProcessReading[],
  seconds: number,
): readonly Event[] {
  const known = new Map(before.map((reading) => [reading.pid, reading]));
  const events = after.map((now) => {
    // A process that was not there before did all it did since.
    const jiffies = now.jiffies - (known.get(now.pid)?.jiffies ?? 0);
    return {
      pid: now.pid,
      name: now.name,
      state: now.state,
      cpu_percent: percent(Math.max(0, jiffies) / JIFFIES_PER_SECOND, seconds),
      memory_bytes: now.residentPages * PAGE_BYTES,
      threads: now.threads,
    };
  });
  const order = (a: (typeof events)[number], b: (typeof events)[number]): number =>
    b.cpu_percent - a.cpu_percent || b.memory_bytes - a.memory_bytes;
  return events.toSorted(order).slice(0, PROCESSES_MAX);
}

function pairs<T>(
  after: readonly T[],
  partner: (reading: T) => T | undefined,
): readonly (readonly [T, T])[] {
  const found: (readonly [T, T])[] = [];
  for (const reading of after) {
    const other = partner(reading);
    if (other !== undefined) found.push([reading, other]);
  }
  return found;
}

/** Of one whole, two decimals. A counter that was reset gives 0. */
function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : rounded(Math.max(0, (part / whole) * 100));
}

function rate(difference: number, seconds: number): number {
  return seconds <= 0 ? 0 : rounded(Math.max(0, difference / seconds));
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
