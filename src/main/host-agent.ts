/** Process entry: this machine as streams, for `squilla up --demo`. */
import { parseArgs } from 'node:util';
import { runHostAgent } from '../../agents/host.ts';

const { values } = parseArgs({
  options: { url: { type: 'string', default: 'ws://127.0.0.1:7071/' } },
});
const token = process.env['SQUILLA_TOKEN'];
const source = runHostAgent({
  url: values.url,
  onLine: () => undefined,
  ...(token === undefined ? {} : { token }),
});
const alive = setInterval(() => undefined, 60_000);

async function stop(): Promise<void> {
  clearInterval(alive);
  await source.close();
  process.exit(0);
}

process.on('SIGTERM', () => void stop());
// The supervisor is gone without a word.
process.on('disconnect', () => void stop());
