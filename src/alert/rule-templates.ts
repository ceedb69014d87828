/** Rules to begin with, commented: what `squilla rules new` writes. */
export interface RuleTemplate {
  readonly name: string;
  readonly says: string;
  readonly text: string;
}

const HEAD = `# Check it:      squilla rules check FILE
# Try the past:  squilla rules backtest FILE --data events.ndjson --time ts --stream plays
# Take it:       squilla up --rules DIRECTORY
`;

const CONTROLS = `    # Evidence has to hold this long before anybody is paged.
    for: 30s
    # Once it fires, the value has to come well back …
    clear_when: CLEAR
    # … and stay there for this long. Both keep a value at the threshold from flapping.
    keep_firing_for: 1m
    # Fewer starts than this prove nothing: nights, small regions, rollouts.
    min_volume: { of: VOLUME, at_least: 20 }
    severity: critical
    # Missing telemetry is told by its own quiet alert, and never resolves or fires this one.
    on_silent: { for: 10s, severity: info }
    owner: your-team
    # runbook: https://wiki.example.com/runbooks/sps
    annotations:
      summary: 'Starts in {{key.region}} fell to {{row.sps}} a second'
      description: 'Since {{since}}; {{completeness.reporting}} of {{completeness.expected}} agents report.'
`;

function controls(clear: string, volume: string): string {
  return CONTROLS.replace('CLEAR', clear).replace('VOLUME', volume);
}

export const RULE_TEMPLATES: readonly RuleTemplate[] = [
  {
    name: 'sps-drop',
    says: 'starts per second fall below a floor',
    text: `${HEAD}rules:
  - name: sps-drop
    # Starts per second of each region. A region that goes quiet has 0, not nothing.
    query: |
      select rate() as sps, count(*) as starts
      from plays
      window 1m slide 10s
      group by region
    # The hard floor: what the quietest hour never goes below.
    when: sps < 5
${controls('sps > 8', 'starts').replace(
  /    # Fewer starts[^\n]*\n    min_volume[^\n]*\n/,
  `    # No min_volume here: a floor must see a fall to nothing.
`,
)}`,
  },
  {
    name: 'error-ratio',
    says: 'a share of requests fails',
    text: `${HEAD}rules:
  - name: error-ratio
    query: |
      select count(*) filter (where status >= 500) / count(*) as failed, count(*) as requests
      from requests
      window 1m slide 10s
      group by service
    when: failed > 0.05
    for: 30s
    clear_when: failed < 0.02
    keep_firing_for: 1m
    # A ratio of few requests jumps about.
    min_volume: { of: requests, at_least: 50 }
    severity: critical
    owner: your-team
    annotations:
      summary: '{{key.service}}: {{row.failed}} of requests fail'
`,
  },
];

export function ruleTemplate(name: string): RuleTemplate | null {
  return RULE_TEMPLATES.find((template) => template.name === name) ?? null;
}
