/**
 * Starter boards of HTTP services: rate, errors and duration. One for requests as the Node.js
 * source tells of them, one for those of the demo's service; they differ in the names of fields.
 */

interface HttpStream {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly stream: string;
  /** What requests are told apart by: the variables of the board. */
  readonly place: string;
  readonly path: string;
  readonly bytes: string;
  /** What the last panel lists, and under which title. */
  readonly lists: readonly [title: string, field: string];
}

function httpBoard({ lists: [listTitle, listField], ...board }: HttpStream): string {
  const { name, title, description, stream, place, path, bytes } = board;
  const ofPlace = `($${place} = 'all' or ${place} = $${place})`;
  const ofPath = `($${path} = 'all' or ${path} = $${path})`;
  const both = `from ${stream} where ${ofPlace} and ${ofPath}`;
  return `name: ${name}
title: ${title}
description: ${description}
variables:
  ${place}:
    query: select count(*) as seen from ${stream} window 1s group by ${place}
  ${path}:
    query: select count(*) as seen from ${stream} window 1s group by ${path}
panels:
  - title: Requests a second
    query: select rate() as rps ${both} window 1s
    show: stat
    at: [0, 0, 3, 3]
  - title: Failed
    query: |
      select count(*) filter (where status >= 500) / count(*) * 100 as failed_percent
      ${both} window 5s slide 1s
    show: stat
    at: [3, 0, 3, 3]
  - title: Slowest of a hundred
    query: select p99(duration_ms) as p99_ms ${both} window 5s slide 1s
    show: stat
    at: [6, 0, 3, 3]
  - title: Bytes a second
    query: select rate(${bytes}) as bytes_per_s ${both} window 1s
    show: stat
    at: [9, 0, 3, 3]
  - title: Requests by ${place}
    query: select rate() as rps from ${stream} where ${ofPath} window 1s group by ${place}
    at: [0, 3, 6, 6]
  - title: Answers by status
    query: select rate() as rps ${both} window 1s group by status
    at: [6, 3, 6, 6]
  - title: Duration
    query: |
      select p50(duration_ms) as p50, p95(duration_ms) as p95, p99(duration_ms) as p99
      ${both} window 2s
    at: [0, 9, 12, 5]
  - title: Slowest by ${path}
    query: |
      select p99(duration_ms) as p99_ms, rate() as rps from ${stream} where ${ofPlace}
      window 5s group by ${path} order by p99_ms desc limit 20
    show: bars
    at: [0, 14, 6, 6]
  - title: ${listTitle}
    query: |
      select rate() as rps, p99(duration_ms) as p99_ms,
      count(*) filter (where status >= 500) as failed
      from ${stream} where ${ofPlace} window 5s group by ${listField} order by failed desc
    show: table
    at: [6, 14, 6, 6]
`;
}

export const HTTP_BOARD: string = httpBoard({
  name: 'http',
  title: 'HTTP service',
  description:
    'Requests as Node.js services tell of them on `http.server`, with rate, errors and duration.',
  stream: 'http.server',
  place: 'method',
  path: 'route',
  bytes: 'response_bytes',
  lists: ['Paths', 'path'],
});

export const REQUESTS_BOARD: string = httpBoard({
  name: 'requests',
  title: 'Requests (demo)',
  description: "Requests of the demo's service on `requests`, with rate, errors and duration.",
  stream: 'requests',
  place: 'region',
  path: 'path',
  bytes: 'bytes',
  lists: ['Hosts', 'host'],
});
