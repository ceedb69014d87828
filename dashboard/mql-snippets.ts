/**
 * Whole questions to begin with, offered while the text is one word; Tab goes on to the next gap.
 */

export interface Snippet {
  readonly label: string;
  readonly detail: string;
  /** In the editor's form: `${name}` is a gap. */
  readonly template: string;
}

const SNIPPETS: readonly Snippet[] = [
  {
    label: 'rate',
    detail: 'events a second, by group',
    template: 'select rate() as per_second from ${stream} window 1s group by ${field}',
  },
  {
    label: 'errors',
    detail: 'share of events that fail',
    template:
      'select count(*) filter (where ${status >= 500}) / count(*) as failed\n' +
      'from ${stream} window 5s group by ${field}',
  },
  {
    label: 'percentiles',
    detail: 'p50, p95, p99 of a number',
    template: 'select p50(${x}), p95(${x}), p99(${x}) from ${stream} window 1s',
  },
  {
    label: 'top',
    detail: 'the most frequent values',
    template:
      'select count(*) as events from ${stream} window 10s\n' +
      'group by ${field} order by events desc limit 10',
  },
  {
    label: 'spread',
    detail: 'heat map of a number',
    template: 'select histogram(${x}) as spread from ${stream} window 1s',
  },
  {
    label: 'usual',
    detail: 'against a learnt baseline',
    template:
      'select count(*) as events, baseline(count(*)) as usual,\n' +
      '  baseline_low(count(*)) as low, baseline_high(count(*)) as high\n' +
      'from ${stream} window 10s',
  },
  {
    label: 'tail',
    detail: 'events as they happen',
    template: 'select * from ${stream} where ${field} = ${value}',
  },
];

/** Those whose name begins so; the gap for the stream names one that is there. */
export function snippetsFor(word: string, stream: string | null): readonly Snippet[] {
  const typed = word.toLowerCase();
  return SNIPPETS.filter(({ label }) => label.startsWith(typed)).map((snippet) => ({
    ...snippet,
    template: stream === null ? snippet.template : withStream(snippet.template, stream),
  }));
}

/** Braces would end a gap early; no plain name has any. */
function withStream(template: string, stream: string): string {
  return /[{}\\$]/.test(stream) ? template : template.replaceAll('${stream}', `\${${stream}}`);
}
