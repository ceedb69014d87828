/** Saved queries as the gateway reaches them: every change goes into the audit trail. */
import type { Clock } from '../core/clock.ts';
import type { QueryFileMistake } from '../store/query-file.ts';
import type { SavedDesk } from '../coordinator/saved-desk.ts';
import type { SavedPort } from '../gateway/engine-port.ts';
import type { AuditTrail } from '../observe/audit-trail.ts';

export function auditedSaved(
  desk: SavedDesk,
  mistakes: () => readonly QueryFileMistake[],
  { audit, clock }: { readonly audit: AuditTrail; readonly clock: Clock },
): SavedPort {
  return {
    mistakes,
    list: () => desk.list(),
    get: (name) => desk.get(name),
    put: (input, version, by) => {
      const result = desk.put(input, { version, by, nowMs: clock.now() });
      if (result.ok) {
        const { name, text, version: made, params } = result.value;
        const names = Object.keys(params);
        audit.record({ action: 'save', by, target: name, version: made, text, params: names });
      }
      return result;
    },
    remove: (name, version, by) => {
      const result = desk.remove(name, version);
      if (result.ok) {
        audit.record({ action: 'remove', by, target: name, version: result.value.version });
      }
      return result;
    },
  };
}
