/** Ways in for what others send: which are open, where, and as which streams it comes. */
import type { JSX } from 'preact';
import { recordFrom } from '../catalogue.ts';
import type { Dashboard } from '../dashboard.ts';
import { SCREEN_POLL_MS } from '../limits.ts';
import { ListFrame } from '../list-frame.tsx';
import { usePolled } from '../polled.ts';

interface WayIn {
  readonly name: string;
  readonly what: string;
  readonly where: string;
  readonly streams: string;
  /** Null: it is open; else what opens it. */
  readonly opens: string | null;
}

/** Those that are off unless somebody asks for them. */
const FURTHER = [
  { name: 'otlp', what: 'OpenTelemetry', scheme: 'http', streams: 'otel.logs, .metrics, .spans' },
  { name: 'statsd', what: 'statsd, DogStatsD', scheme: 'udp', streams: 'statsd' },
  { name: 'syslog', what: 'syslog', scheme: 'udp and tcp', streams: 'syslog' },
] as const;

export function Listeners({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  const ways = usePolled({
    api: dashboard.api,
    path: 'status',
    read: waysFrom,
    everyMs: SCREEN_POLL_MS * 5,
  });
  return (
    <section class="ways-in" aria-label="Ways in">
      <h3>Ways in</h3>
      <ListFrame
        list={ways.value.value}
        failure={ways.failure.value}
        columns={['What', 'Where', 'Streams', 'State']}
        empty={{ title: 'Nothing is open', text: 'The engine takes no events.' }}
        row={({ name, what, where, streams, opens }) => (
          <tr key={name}>
            <td>{what}</td>
            <td class="mono">{where}</td>
            <td class="mono">{streams}</td>
            <td>
              {opens === null ? (
                <span class="tag good">open</span>
              ) : (
                <>
                  <span class="tag plain">closed</span> <code>{opens}</code>
                </>
              )}
            </td>
          </tr>
        )}
      />
    </section>
  );
}

/** Of the engine's status. */
export function waysFrom(body: unknown): readonly WayIn[] {
  const { port, ingestPort, listeners } = recordFrom(body);
  const open = recordFrom(listeners);
  return [
    {
      ...{
        name: 'agents',
        what: 'Agents, JSON over WebSocket',
        where: `ws port ${portText(ingestPort)}`,
      },
      ...{ streams: 'what agents offer', opens: null },
    },
    {
      ...{ name: 'http', what: 'NDJSON, OTLP, Prometheus remote write' },
      where: `http ports ${portText(port)} and ${portText(ingestPort)}`,
      ...{ streams: 'as posted, otel.*, prometheus', opens: null },
    },
    ...FURTHER.map(({ name, what, scheme, streams }) => {
      const at = open[name];
      const isOpen = typeof at === 'number';
      const where = isOpen ? `${scheme} port ${at}` : '–';
      return { name, what, where, streams, opens: isOpen ? null : `squilla up --listen ${name}` };
    }),
  ];
}

function portText(port: unknown): string {
  return typeof port === 'number' ? String(port) : '–';
}
