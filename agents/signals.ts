/**
 * SIGTERM for agents inside a service: all agents say goodbye first, then the signal does what it
 * would have done without us. If the service listens itself, its own handler ends the process.
 */
const farewells = new Set<() => Promise<void>>();

/** Returns a function that takes the farewell back. */
export function onTermination(farewell: () => Promise<void>): () => void {
  if (farewells.size === 0) process.on('SIGTERM', terminate);
  farewells.add(farewell);
  return () => {
    farewells.delete(farewell);
    if (farewells.size === 0) process.off('SIGTERM', terminate);
  };
}

function terminate(): void {
  const alone = process.listenerCount('SIGTERM') === 1;
  const waiting = [...farewells].map((farewell) => farewell());
  void Promise.all(waiting).then(() => {
    if (alone) process.kill(process.pid, 'SIGTERM');
  });
}
