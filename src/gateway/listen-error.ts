/** Says in words why a port could not be opened, and which flag to change. */
import { EngineError } from '../core/errors.ts';

export interface ListenTarget {
  readonly host: string;
  readonly port: number;
  /** Command-line flag that names the port. */
  readonly flag: string;
}

export function listenError(error: Error, { host, port, flag }: ListenTarget): EngineError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const data = { host, port, flag };
  if (code === 'EADDRINUSE') {
    const detail = `${host}:${port} is in use by another process; choose another with ${flag}.`;
    return new EngineError('ENGINE_PORT_IN_USE', detail, { cause: error, data });
  }
  if (code === 'EACCES') {
    const detail = `${host}:${port} needs privileges; choose one above 1023 with ${flag}.`;
    return new EngineError('ENGINE_PORT_IN_USE', detail, { cause: error, data });
  }
  const detail = `${host}:${port} cannot be opened (${code}); see ${flag} and --host.`;
  return new EngineError('ENGINE_PORT_IN_USE', detail, { cause: error, data });
}
