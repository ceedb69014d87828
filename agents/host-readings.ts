/**
 * This machine's counters as /proc tells them, as text to numbers; what is not there (another
 * system, a container) is an empty list and node:os stands in where it can. Pure but for the reads.
 * @see https://man7.org/linux/man-pages/man5/proc.5.html
 */
import { readFile } from 'node:fs/promises';

/** Jiffies since boot of one processor, or of all (`cpu: 'all'`). */
export interface CpuReading {
  readonly cpu: string;
  readonly user: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly steal: number;
  readonly total: number;
}

export function parseCpus(procStat: string): readonly CpuReading[] {
  const readings: CpuReading[] = [];
  for (const line of procStat.split('\n')) {
    if (!line.startsWith('cpu')) continue;
    const [name, ...rest] = line.trim().split(/\s+/);
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
      rest.map(Number);
    readings.push({
      cpu: name === 'cpu' ? 'all' : (name ?? '').slice(3),
      user: user + nice,
      system: system + irq + softirq,
      idle,
      iowait,
      steal,
      total: user + nice + system + idle + iowait + irq + softirq + steal,
    });
  }
  return readings;
}

/** Bytes by the names of /proc/meminfo. */
export function parseMemory(meminfo: string): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const line of meminfo.split('\n')) {
    const match = /^(\w+(?:\(\w+\))?):\s+(\d+) kB$/.exec(line);
    if (match !== null) bytes.set(match[1] as string, Number(match[2]) * 1_024);
  }
  return bytes;
}

/** Cumulative, of one whole disk. */
export interface DiskReading {
  readonly device: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writtenBytes: number;
  readonly busyMs: number;
}

const SECTOR_BYTES = 512;
/** Partitions and memory-backed devices repeat or mean nothing. */
const NOT_A_DISK =
  /^(?:loop|ram|zram|sr|fd|dm-|md)\d*|^(?:sd|vd|xvd|hd)[a-z]+\d+$|^(?:nvme|mmcblk)\w+p\d+$/;

export function parseDisks(diskstats: string): readonly DiskReading[] {
  const readings: DiskReading[] = [];
  for (const line of diskstats.split('\n')) {
    const parts = line.trim().split(/\s+/);
    const device = parts[2];
    if (device === undefined || NOT_A_DISK.test(device)) continue;
    const at = (index: number): number => Number(parts[index] ?? 0);
    readings.push({
      device,
      reads: at(3),
      readBytes: at(5) * SECTOR_BYTES,
      writes: at(7),
      writtenBytes: at(9) * SECTOR_BYTES,
      busyMs: at(12),
    });
  }
  return readings;
}

/** Cumulative, of one interface. */
export interface NetworkReading {
  readonly device: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receiveErrors: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sendErrors: number;
}

export function parseNetwork(netDev: string): readonly NetworkReading[] {
  const readings: NetworkReading[] = [];
  for (const line of netDev.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const values = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const at = (index: number): number => values[index] ?? 0;
    readings.push({
      device: line.slice(0, colon).trim(),
      receivedBytes: at(0),
      receivedPackets: at(1),
      receiveErrors: at(2) + at(3),
      sentBytes: at(8),
      sentPackets: at(9),
      sendErrors: at(10) + at(11),
    });
  }
  return readings;
}

/** One process; jiffies since its start. */
export interface ProcessReading {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly jiffies: number;
  readonly threads: number;
  readonly residentPages: number;
}

/** The name stands in parentheses and may hold anything, also parentheses. */
export function parseProcess(stat: string): ProcessReading | null {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const rest = stat.slice(close + 2).split(' ');
  const at = (index: number): number => Number(rest[index] ?? 0);
  return {
    pid: Number.parseInt(stat, 10),
    name: stat.slice(open + 1, close),
    state: rest[0] ?? '?',
    jiffies: at(11) + at(12),
    threads: at(17),
    residentPages: at(21),
  };
}

/** Empty if the file cannot be read. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}
