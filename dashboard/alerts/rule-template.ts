/** A rule to begin with, and what a rule's text says of itself. Pure. */

const QUERY = 'select rate() as per_second from plays window 1s group by region';

/** A rule over a query, for people to change; every line that matters is there. */
export function ruleFor(query: string | null, when: string | null = null): string {
  const lines = (query ?? QUERY).trim().split('\n');
  return [
    `name: ${when === null ? 'new-rule' : nameFor(lines.join(' '), when)}`,
    'query: |',
    ...lines.map((line) => `  ${line}`),
    `when: ${when?.split('\n', 1)[0] ?? `${columnOf(lines.join(' '))} < 10`}`,
    'for: 10s',
    'keep_firing_for: 30s',
    'severity: warning',
    'annotations:',
    "  summary: '{{rule}} fires: {{reason}}'",
    '',
  ].join('\n');
}

/** `plays-low`: a name that says what the condition watches. */
function nameFor(query: string, when: string): string {
  const stream = /\bfrom\s+([\w.-]+)/i.exec(query)?.[1] ?? 'rule';
  return `${stream.replaceAll('.', '-').slice(0, 60)}-${when.includes('<') ? 'low' : 'high'}`;
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
