/** `squilla demo break|heal`: incidents in the demo service, through the engine's API. */
import { callApi } from '../api.ts';
import type { CliContext } from '../context.ts';
import type { DemoFlags } from '../flags.ts';

export async function demoBreakCommand(flags: DemoFlags, context: CliContext): Promise<number> {
  const body = { region: flags.region ?? 'eu-west', kind: flags.kind ?? 'outage' };
  const answer = await callApi(flags, '/api/v1/demo/break', { method: 'POST', body });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  context.out(`${body.kind} in ${body.region} has begun; end it with: squilla demo heal\n`);
  return 0;
}

export async function demoHealCommand(flags: DemoFlags, context: CliContext): Promise<number> {
  const answer = await callApi(flags, '/api/v1/demo/heal', { method: 'POST', body: {} });
  if (!answer.ok) {
    context.err(`${answer.message}\n`);
    return 1;
  }
  context.out('all incidents are over\n');
  return 0;
}
