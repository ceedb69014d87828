/** What an agent tells whoever watches it; never needed for it to work. */
export type AgentStatus =
  | { readonly kind: 'connected'; readonly agentKey: number }
  | { readonly kind: 'disconnected'; readonly reason: string; readonly retryMs: number }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | {
      readonly kind: 'plans';
      readonly active: number;
      readonly refused: number;
      /** `closures`: this process must not make code of text, and evaluating costs more. */
      readonly evaluation: 'generated' | 'closures';
    }
  /** The disk of the spool is full or broken; said once until it is well again. */
  | { readonly kind: 'spool'; readonly problem: string }
  | { readonly kind: 'closed'; readonly reason: string };

export type StatusListener = (status: AgentStatus) => void;

/** One line for a terminal. */
export function statusLine(status: AgentStatus): string {
  switch (status.kind) {
    case 'connected':
      return `connected as agent ${status.agentKey}`;
    case 'disconnected':
      return `not connected (${status.reason}); next try in ${Math.ceil(status.retryMs)} ms`;
    case 'refused':
      return `refused by the engine: ${status.code}: ${status.detail}`;
    case 'plans': {
      const refused = status.refused > 0 ? `, ${status.refused} not understood` : '';
      const slower = status.evaluation === 'closures' ? ', without generated code' : '';
      return `${status.active} active queries${refused}${slower}`;
    }
    case 'spool':
      return `the spool cannot be used: ${status.problem}`;
    case 'closed':
      return `closed: ${status.reason}`;
  }
}
