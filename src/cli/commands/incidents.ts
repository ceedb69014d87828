/** `squilla incidents` and `squilla ack`. */
import type { IncidentView } from '../../alert/notify/views.ts';
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { ClientFlags } from '../flags.ts';
import type { AckFlags } from '../notify-flags.ts';
import { createPaint, printable } from '../paint.ts';
import { renderTable } from '../table.ts';
import { timeText } from './silence.ts';

const ID_SHOWN = 8;

export async function incidentsCommand(flags: ClientFlags, context: CliContext): Promise<number> {
  const incidents = await incidentsOf(flags, context);
  if (incidents === null) return 1;
  if (flags.json === true) {
    context.out(`${JSON.stringify(incidents)}\n`);
    return 0;
  }
  if (incidents.length === 0) {
    context.out('No incident is open.\n');
    return 0;
  }
  const rows = incidents.map((incident) => [
    incident.incident.slice(0, ID_SHOWN),
    printable(labelsText(incident.labels)),
    String(incident.firing),
    String(incident.muted),
    printable(incident.receivers.join(', ')),
    incident.lastToldMs === null ? '–' : timeText(incident.lastToldMs),
    printable(incident.text),
  ]);
  const head = ['id', 'group', 'firing', 'muted', 'told to', 'last', ''];
  const paint = createPaint(context.colors);
  context.out(renderTable(head, rows, { columns: context.columns, paint }));
  return 0;
}

export async function ackCommand(
  incident: string,
  flags: AckFlags,
  context: CliContext,
): Promise<number> {
  if (flags.undo === true) return takeBack(incident, flags, context);
  const body = {
    incident,
    ...(flags.for !== undefined && { for: flags.for }),
    ...(flags.comment !== undefined && { comment: flags.comment }),
  };
  const answer = await callApi(flags, '/api/v1/acknowledgements', { method: 'POST', body });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  const view = answer.body as IncidentView;
  const name = `${view.incident.slice(0, ID_SHOWN)} ${labelsText(view.labels)}`;
  context.out(`${printable(`${name}: ${view.text}`)}\n`);
  return 0;
}

async function takeBack(incident: string, flags: AckFlags, context: CliContext): Promise<number> {
  const incidents = await incidentsOf(flags, context);
  if (incidents === null) return 1;
  const found = incidents.find(
    (view) => view.incident.startsWith(incident) || view.labels['alertname'] === incident,
  );
  const path = `/api/v1/acknowledgements/${encodeURIComponent(found?.incident ?? incident)}`;
  const answer = await callApi(flags, path, { method: 'DELETE' });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  context.out('the acknowledgement is taken back\n');
  return 0;
}

async function incidentsOf(
  flags: ClientFlags,
  context: CliContext,
): Promise<readonly IncidentView[] | null> {
  const answer = await callApi(flags, '/api/v1/incidents');
  if (answer.ok) return (answer.body as { incidents: IncidentView[] }).incidents;
  context.err(`${answer.message}\n`);
  return null;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
