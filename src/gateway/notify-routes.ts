/** Routes of the notifier: our own API, and that of an Alertmanager (`/api/v2`). */
import type { Route } from './routes.ts';

export const NOTIFY_ROUTES = {
  silences: { method: 'GET', path: '/api/v1/silences', scope: 'read' },
  addSilence: { method: 'POST', path: '/api/v1/silences', scope: 'write' },
  previewSilence: { method: 'POST', path: '/api/v1/silences/preview', scope: 'read' },
  expireSilence: { method: 'DELETE', path: '/api/v1/silences/:id', scope: 'write' },
  incidents: { method: 'GET', path: '/api/v1/incidents', scope: 'read' },
  acknowledge: { method: 'POST', path: '/api/v1/acknowledgements', scope: 'write' },
  unacknowledge: { method: 'DELETE', path: '/api/v1/acknowledgements/:id', scope: 'write' },
  receivers: { method: 'GET', path: '/api/v1/receivers', scope: 'read' },
  testReceiver: { method: 'POST', path: '/api/v1/receivers/:name/test', scope: 'write' },
  routes: { method: 'GET', path: '/api/v1/routes', scope: 'read' },
  testRoute: { method: 'POST', path: '/api/v1/routes/test', scope: 'read' },
  notifications: { method: 'GET', path: '/api/v1/notifications', scope: 'read' },
  /** Its signed address is the permission: who fetches pictures has no token. */
  trend: { method: 'GET', path: '/trend/:image', scope: null },
  amAlerts: { method: 'GET', path: '/api/v2/alerts', scope: 'read' },
  amPostAlerts: { method: 'POST', path: '/api/v2/alerts', scope: 'write' },
  amGroups: { method: 'GET', path: '/api/v2/alerts/groups', scope: 'read' },
  amSilences: { method: 'GET', path: '/api/v2/silences', scope: 'read' },
  amPostSilence: { method: 'POST', path: '/api/v2/silences', scope: 'write' },
  amSilence: { method: 'GET', path: '/api/v2/silence/:id', scope: 'read' },
  amExpireSilence: { method: 'DELETE', path: '/api/v2/silence/:id', scope: 'write' },
  amStatus: { method: 'GET', path: '/api/v2/status', scope: 'read' },
  amReceivers: { method: 'GET', path: '/api/v2/receivers', scope: 'read' },
} as const satisfies Record<string, Route>;
