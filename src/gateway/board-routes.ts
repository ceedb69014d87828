/** The routes of boards and annotations, a part of {@link ROUTES}. */
import type { Route } from './routes.ts';

export const BOARD_ROUTES = {
  boards: { method: 'GET', path: '/api/v1/boards', scope: 'read' },
  checkBoard: { method: 'POST', path: '/api/v1/boards/check', scope: 'read' },
  board: { method: 'GET', path: '/api/v1/boards/:board', scope: 'read' },
  putBoard: { method: 'PUT', path: '/api/v1/boards/:board', scope: 'write' },
  deleteBoard: { method: 'DELETE', path: '/api/v1/boards/:board', scope: 'write' },
  boardVersions: { method: 'GET', path: '/api/v1/boards/:board/versions', scope: 'read' },
  annotations: { method: 'GET', path: '/api/v1/annotations', scope: 'read' },
  annotate: { method: 'POST', path: '/api/v1/annotations', scope: 'write' },
  deleteAnnotation: { method: 'DELETE', path: '/api/v1/annotations/:id', scope: 'write' },
} as const satisfies Record<string, Route>;
