import { describe, expect, test } from 'vitest';
import {
  cpuEvents,
  diskEvents,
  memoryEvent,
  networkEvents,
  processEvents,
  spaceEvent,
} from '../../../agents/host-events.ts';
import {
  parseCpus,
  parseDisks,
  parseMemory,
  parseNetwork,
  parseProcess,
} from '../../../agents/host-readings.ts';

describe('the machine in numbers', () => {
  test('processors: shares of what passed between two looks', () => {
    const before = parseCpus(
      'cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 100 0 50 800 50 0 0 0 0 0\nintr 1\n',
    );
    const after = parseCpus('cpu  150 0 75 1000 75 0 0 0 0 0\ncpu0 100 0 50 800 50 0 0 0 0 0\n');
    expect(cpuEvents(before, after, [0.5, 0.25, 0])).toStrictEqual([
      {
        cpu: 'all',
        used_percent: 25,
        user_percent: 16.67,
        system_percent: 8.33,
        iowait_percent: 8.33,
        steal_percent: 0,
        load1: 0.5,
        load5: 0.25,
      },
    ]);
  });

  test('memory: what is not available is used', () => {
    const text = 'MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nHugePages_Total: 0\n';
    expect(memoryEvent(parseMemory(text))).toMatchObject({
      total_bytes: 1_024_000,
      used_bytes: 614_400,
      used_percent: 60,
      swap_total_bytes: 0,
    });
    expect(memoryEvent(parseMemory('nothing'))).toBeNull();
  });

  test('disks: whole ones only, rates per second', () => {
    const line = (reads: number, busy: number): string =>
      `8 0 sda ${reads} 0 ${reads * 2} 0 5 0 10 0 0 ${busy} 0\n8 1 sda1 9 9 9 9\n7 0 loop0 1 1 1 1\n`;
    const events = diskEvents(parseDisks(line(100, 1_000)), parseDisks(line(120, 2_000)), 2);
    expect(events).toStrictEqual([
      {
        device: 'sda',
        read_bytes_per_s: 10_240,
        write_bytes_per_s: 0,
        reads_per_s: 10,
        writes_per_s: 0,
        busy_percent: 50,
      },
    ]);
    expect(spaceEvent('/', { bsize: 4_096, blocks: 100, bavail: 25 })).toMatchObject({
      used_percent: 75,
    });
  });

  test('networks: a counter that was reset gives 0', () => {
    const line = (received: number, sent: number): string =>
      `Inter-| x\n eth0: ${received} 10 0 0 0 0 0 0 ${sent} 20 0 0 0 0 0 0\n`;
    const [event] = networkEvents(parseNetwork(line(1_000, 500)), parseNetwork(line(3_000, 0)), 1);
    expect(event).toMatchObject({
      device: 'eth0',
      received_bytes_per_s: 2_000,
      sent_bytes_per_s: 0,
    });
  });

  test('processes: the busiest first, whatever their names', () => {
    const stat = (pid: number, name: string, jiffies: number): string =>
      `${pid} (${name}) S 1 1 1 0 -1 4 0 0 0 0 ${jiffies} 0 0 0 20 0 3 0 100 0 250 0`;
    const read = (text: string): NonNullable<ReturnType<typeof parseProcess>> => {
      const reading = parseProcess(text);
      if (reading === null) throw new Error(text);
      return reading;
    };
    const before = [read(stat(1, 'init', 10)), read(stat(2, 'a) (b', 10))];
    const after = [read(stat(1, 'init', 10)), read(stat(2, 'a) (b', 60)), read(stat(3, 'new', 5))];
    expect(processEvents(before, after, 1)).toStrictEqual([
      { pid: 2, name: 'a) (b', state: 'S', cpu_percent: 50, memory_bytes: 1_024_000, threads: 3 },
      { pid: 3, name: 'new', state: 'S', cpu_percent: 5, memory_bytes: 1_024_000, threads: 3 },
      { pid: 1, name: 'init', state: 'S', cpu_percent: 0, memory_bytes: 1_024_000, threads: 3 },
    ]);
    expect(parseProcess('garbage')).toBeNull();
  });
});
