/** Boards that come with Squilla: hosts, HTTP services, the demo's service, Squilla itself. */
import { HTTP_BOARD, REQUESTS_BOARD } from './http-boards.ts';

const HOST = `name: host
title: Hosts
description: What the agents of \`squilla agent host\` see of their machines.
panels:
  - title: CPU
    query: |
      select avg(used_percent) as used from host.cpu where cpu != 'all' window 1s group by cpu
    at: [0, 0, 6, 6]
  - title: Memory
    query: select max(used_percent) as used from host.memory window 1s
    at: [6, 0, 3, 6]
  - title: Load
    query: select max(load1) as load1 from host.cpu window 1s
    at: [9, 0, 3, 6]
  - title: Busiest processes
    query: |
      select max(cpu_percent) as cpu, max(memory_bytes) as memory
      from host.process window 2s group by name order by cpu desc limit 20
    show: bars
    at: [0, 6, 4, 7]
  - title: Network, received
    query: |
      select sum(received_bytes_per_s) as received from host.network window 1s group by device
    at: [4, 6, 4, 7]
  - title: Network, sent
    query: select sum(sent_bytes_per_s) as sent from host.network window 1s group by device
    at: [8, 6, 4, 7]
  - title: Disks
    query: |
      select max(used_percent) as used from host.disk window 10s group by mount
      order by used desc
    show: bars
    at: [0, 13, 6, 5]
  - title: Waiting for disks
    query: |
      select max(iowait_percent) as iowait, max(steal_percent) as steal from host.cpu
      where cpu = 'all' window 1s
    at: [6, 13, 6, 5]
`;

const PLAYBACK = `name: playback
title: Playback (demo)
description: The demo's streaming service. Break it on Explore and see which panel tells.
variables:
  region:
    query: select count(*) as seen from plays window 1s group by region
  device:
    values: [tv, phone, web, tablet, console]
panels:
  - title: Starts a second
    query: |
      select rate() as sps from plays
      where ($region = 'all' or region = $region) and ($device = 'all' or device = $device)
      window 1s
    show: stat
    at: [0, 0, 3, 3]
  - title: Time to start
    query: |
      select p95(latency) as p95_ms from plays
      where ($region = 'all' or region = $region) and ($device = 'all' or device = $device)
      window 5s slide 1s
    show: stat
    at: [3, 0, 3, 3]
  - title: Errors a second
    query: |
      select rate() as errors from playback_errors
      where ($region = 'all' or region = $region) and ($device = 'all' or device = $device)
      window 5s slide 1s
    show: stat
    at: [6, 0, 3, 3]
  - title: Bit rate
    query: |
      select avg(bitrate_kbps) as kbps from plays
      where ($region = 'all' or region = $region) and ($device = 'all' or device = $device)
      window 5s slide 1s
    show: stat
    at: [9, 0, 3, 3]
  - title: Starts by region
    query: |
      select rate() as sps from plays where $device = 'all' or device = $device window 1s
      group by region
    at: [0, 3, 8, 7]
  - title: Errors by code
    query: |
      select count(*) as errors from playback_errors
      where ($region = 'all' or region = $region) and ($device = 'all' or device = $device)
      window 10s slide 2s group by code order by errors desc
    show: bars
    at: [8, 3, 4, 7]
  - title: Starts by device
    query: |
      select rate() as sps from plays where $region = 'all' or region = $region window 1s
      group by device
    at: [0, 10, 6, 6]
  - title: Time to start by device
    query: |
      select p95(latency) as p95_ms from plays
      where $region = 'all' or region = $region window 2s group by device
    at: [6, 10, 6, 6]
  - title: Titles
    query: |
      select count(*) as starts, p95(latency) as p95_ms from plays
      where ($region = 'all' or region = $region) and ($device = 'all' or device = $device)
      window 10s slide 2s group by title order by starts desc limit 20
    show: table
    at: [0, 16, 12, 6]
`;

const SQUILLA = `name: squilla
title: Squilla itself
description: What the engine says about itself on the stream \`squilla.engine\`.
panels:
  - title: Events a second
    query: select max(events_per_second) as events from squilla.engine window 1s
    show: stat
    at: [0, 0, 3, 3]
  - title: Running queries
    query: select max(queries) as queries from squilla.engine window 1s
    show: stat
    at: [3, 0, 3, 3]
  - title: Agents
    query: select max(agents) as agents from squilla.engine window 1s
    show: stat
    at: [6, 0, 3, 3]
  - title: Results behind (p99)
    query: select max(result_delay_ms_p99) as ms from squilla.engine window 1s
    show: stat
    at: [9, 0, 3, 3]
  - title: Received and evaluated
    query: |
      select delta(received_events) as received, delta(evaluated_events) as evaluated
      from squilla.engine window 2s slide 1s
    at: [0, 3, 6, 6]
  - title: CPU
    query: select max(cpu_percent) as cpu_percent from squilla.engine window 1s
    at: [6, 3, 6, 6]
  - title: Memory
    query: |
      select max(resident_bytes) as resident, max(heap_bytes) as heap from squilla.engine
      window 1s
    at: [0, 9, 6, 6]
  - title: Delay
    query: |
      select max(tick_ms_p99) as tick_ms, max(result_delay_ms_p99) as result_ms
      from squilla.engine window 1s
    at: [6, 9, 6, 6]
  - title: Late events
    query: select max(late_events) as late from squilla.engine window 1s
    at: [0, 15, 6, 5]
  - title: Who asks what
    query: select count(*) as n from squilla.audit window 1m group by action, by order by n desc
    show: bars
    at: [6, 15, 6, 5]
`;

export const STARTER_BOARDS: readonly string[] = [
  HOST,
  HTTP_BOARD,
  PLAYBACK,
  REQUESTS_BOARD,
  SQUILLA,
];
