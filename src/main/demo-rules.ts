/** Rules that come with the demo, so that `squilla demo break` makes an alert fire. */
export const DEMO_RULES = `# Alert rules of the demo. See docs/alerting.md.
rules:
  - name: demo-plays-drop
    # The quietest region has some 28 plays a second at night; an outage leaves 8 at most.
    query: select rate() as sps from plays window 1s group by region
    when: sps < 12
    for: 2s
    clear_when: sps > 20
    keep_firing_for: 5s
    severity: critical
    owner: streaming
    annotations:
      summary: 'Plays in {{key.region}} fell to {{row.sps}} a second'
      description: 'Since {{since}}; {{completeness.reporting}} of {{completeness.expected}} agents report.'
  - name: demo-request-errors
    query: |
      select count(*) filter (where status >= 500) / count(*) as failed, count(*) as requests
      from requests window 5s slide 1s group by region
    when: failed > 0.05
    min_volume: { of: requests, at_least: 50 }
    for: 3s
    clear_when: failed < 0.02
    keep_firing_for: 10s
    severity: warning
    annotations:
      summary: '{{key.region}} answers with errors'
`;
