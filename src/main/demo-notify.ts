/** Who is told in the demo if nobody else is named: the log, so that pages can be looked at. */
export const DEMO_NOTIFY = {
  path: 'the demo',
  text: `receivers:
  demo-log: { type: log }
route: { receiver: demo-log, groupBy: [alertname, region] }
`,
};
