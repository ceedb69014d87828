/** Rules to begin with, commented: what `squilla rules new` writes. */
export interface RuleTemplate {
  readonly name: string;
  readonly says: string;
  readonly text: string;
}

const HEAD = `# Check it:      squilla rules check FILE
# Try the past:  squilla rules backtest FILE --data FILE.ndjson --time ts --stream plays
# Take it:       squilla up --rules DIRECTORY
`;

const PATIENCE = `    # Evidence has to hold this long before anybody is paged.
    for: 20s
`;

const CALM = `    # … and stay there for this long, so that a value at the edge does not flap.
    keep_firing_for: 1m
    severity: critical
    # Missing telemetry is told by its own quiet alert, and never resolves or fires this one.
    on_silent: { for: 10s, severity: info }
    owner: your-team
    # runbook: https://wiki.example.com/runbooks/sps
    annotations:
      summary: 'Starts in {{key.region}} fell to {{row.starts}} in 10 s'
      description: >-
        Since {{since}}: {{reason}}.
        {{completeness.reporting}} of {{completeness.expected}} agents report.
`;

const SPS_BASELINE = `${HEAD}rules:
  - name: sps-drop
    # How far starts are from what the recent past and the same moment of earlier cycles predict,
    # smoothed over the last windows: a total loss pages within two windows and half of one within
    # three, while a dip of a deployment (three windows, a third less) does not page at all. A
    # region that goes quiet has 0 starts, not none.
    query: |
      select count(*) as starts, baseline(count(*)) as usual,
        0.2 * deviation(count(*)) + 0.8 * ewma(deviation(count(*)), 0.2) as away
      from plays
      window 10s
      group by region
    when: away < -0.2
    # Once it fires, the value has to come back to what is usual …
    clear_when: starts > 0.9 * usual
${CALM}    # Where less than this is usual, at night say, chance alone makes a fall. It asks
    # what is usual, and not what came: a fall to nothing has to be seen.
    min_volume: { of: usual, at_least: 50 }
`;

const SPS_DES = `${HEAD}rules:
  - name: sps-drop-des
    # Level and trend of the windows before (double exponential smoothing) predict the next. It
    # needs no history, and gets used to what lasts.
    query: |
      select count(*) as starts, des(count(*), 0.1, 0.02) as expected
      from plays
      window 10s
      group by region
    when: starts < 0.75 * expected
${PATIENCE}    # Once it fires, the value has to come back to what was expected …
    clear_when: starts > 0.95 * expected
${CALM}    # Where less than this is expected, chance alone makes a fall.
    min_volume: { of: expected, at_least: 20 }
`;

const SPS_PEERS = `${HEAD}rules:
  - name: sps-drop-peers
    # One region against the others of the same window: the world cup moves all of them, a broken
    # region only one. For regions that are alike in size.
    query: |
      select count(*) as starts, outlier(count(*)) as score
      from plays
      window 10s
      group by region
    when: score < -5
${PATIENCE}    # Once it fires, the region has to come back to the others …
    clear_when: score > -2
${CALM}`;

const SPS_FLOOR = `${HEAD}rules:
  - name: sps-drop-floor
    # Starts of each region in ten seconds.
    query: select count(*) as starts from plays window 10s group by region
    # The hard floor: what the quietest hour never goes below.
    when: starts < 50
${PATIENCE}    # Once it fires, the value has to come well back …
    clear_when: starts > 80
${CALM}`;

const ERROR_RATIO = `${HEAD}rules:
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
`;

export const RULE_TEMPLATES: readonly RuleTemplate[] = [
  { name: 'sps-drop', says: 'starts fall below what is usual at this time', text: SPS_BASELINE },
  { name: 'sps-drop-des', says: 'starts fall below what level and trend predict', text: SPS_DES },
  { name: 'sps-drop-peers', says: 'starts of one region fall, of the others not', text: SPS_PEERS },
  { name: 'sps-drop-floor', says: 'starts fall below a fixed number', text: SPS_FLOOR },
  { name: 'error-ratio', says: 'a share of requests fails', text: ERROR_RATIO },
];

export function ruleTemplate(name: string): RuleTemplate | null {
  return RULE_TEMPLATES.find((template) => template.name === name) ?? null;
}
