/** A rule to begin with, and what a rule's text says of itself. Pure. */

const QUERY = 'select rate() as per_second from plays window 1s group by region';

/** A rule over a query, for people to change; every line that matters is there. */
export function ruleFor(
  query: string | null,
  when: string | null = null,
  name: string | null = null,
): string {
  const lines = (query ?? QUERY).trim().split('\n');
  return [
    `name: ${scalar(name ?? 'new-rule')}`,
    'query: |',
    ...lines.map((line) => `  ${line}`),
    `when: ${when === null ? `${columnOf(lines.join(' '))} < 10` : scalar(when)}`,
    'for: 10s',
    'keep_firing_for: 30s',
    'severity: warning',
    'annotations:',
    "  summary: '{{rule}} fires: {{reason}}'",
    '',
  ].join('\n');
}

/** `plays-low`, or `plays-low-2` if that is taken: what the condition watches. */
export function ruleNameFor(query: string, when: string, taken: ReadonlySet<unknown>): string {
  const stream = /\bfrom\s+([\w.-]+)/i.exec(query)?.[1] ?? 'rule';
  const base = `${stream.replaceAll('.', '-').slice(0, 60)}-${when.includes('<') ? 'low' : 'high'}`;
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
  return name;
}

/** One line of YAML, whatever comes from an address; quoted where it would mean something else. */
function scalar(text: string): string {
  const line = (text.split(/[\r\n]/, 1)[0] ?? '').slice(0, 300);
  return /^[A-Za-z_][\w .<>=+*/()-]*$/.test(line) ? line : `'${line.replaceAll("'", "''")}'`;
}

/** The name that a rule gives itself; null: none. */
export function nameInText(text: string): string | null {
  const name = /^\s*(?:-\s+)?name:\s*(.+?)\s*(?:#.*)?$/m.exec(text)?.[1] ?? '';
  const bare = name.replace(/^(['"])(.*)\1$/, '$2').trim();
  return bare === '' ? null : bare;
}

/** The first column that a query names, to compare; `value` is there to be replaced. */
function columnOf(query: string): string {
  return /\bas\s+([a-z_]\w*)/i.exec(query)?.[1] ?? 'value';
}
