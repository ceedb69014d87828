/** Limits of an agent that is all its process does: there is no service to be spared. */
import type { Config } from '../src/config.ts';

export const WHOLE_PROCESS: Partial<Config> = { agentCpuPercent: 0 };
