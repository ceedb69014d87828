/** Who is told, and who is in the demo if nobody is named: the log, so that pages can be seen. */
import type { EngineRunOptions } from './engine-options.ts';
import type { NotifyHostOptions } from './notify-host.ts';

const DEMO_NOTIFY = {
  path: 'the demo',
  text: `receivers:
  demo-log: { type: log }
route: { receiver: demo-log, groupBy: [alertname, region] }
`,
};

export function whoIsTold({
  notifyPath: path,
  demo,
}: EngineRunOptions): Pick<NotifyHostOptions, 'path' | 'builtIn'> {
  return { path, builtIn: demo && path === null ? DEMO_NOTIFY : null };
}
