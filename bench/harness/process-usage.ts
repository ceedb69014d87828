/** What the kernel says a process has used, all of its threads together. Linux only. */
import { readFileSync } from 'node:fs';

/** USER_HZ: what `/proc` counts in, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;
/** Fields of `/proc/PID/stat` behind the command's closing parenthesis, from 0. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
}

export function residentMegabytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
}
