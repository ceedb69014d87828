/** Saved queries without a database, behind the desk that ships. */
import { DEFAULTS } from '../../src/config.ts';
import { FiledQueries } from '../../src/coordinator/filed-queries.ts';
import { SavedDesk } from '../../src/coordinator/saved-desk.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { SavedPort } from '../../src/gateway/engine-port.ts';
import { auditedSaved } from '../../src/main/audited-saved.ts';
import { AuditTrail } from '../../src/observe/audit-trail.ts';
import type { SavedQuery } from '../../src/store/saved-queries.ts';

export function memoryQueries(): FiledQueries {
  const known = new Map<string, SavedQuery>();
  return new FiledQueries({
    names: () => [...known.keys()],
    get: (name) => known.get(name),
    all: () => [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    put: (query) => void known.set(query.name, query),
    remove: (name) => void known.delete(name),
  });
}

export function memorySaved(): SavedPort {
  const catalogue = () => ({ streams: () => ['plays'], fields: () => [] });
  const desk = new SavedDesk({ saved: memoryQueries(), config: DEFAULTS, catalogue });
  return auditedSaved(desk, () => [], { audit: new AuditTrail(systemClock), clock: systemClock });
}
