/**
 * A program: keeps ten batches in a spool, may have four of them read, and is killed; or, told to
 * `stay`, says its process id and how many it found, and waits to be killed.
 */
import { Spool } from '../../agents/spool.ts';
import { storedFrameFrom } from '../../agents/stored-frame.ts';
import { DEFAULTS } from '../../src/config.ts';
import { VirtualClock } from '../../src/core/clock.ts';
import { PUBLISH } from './live-agent.ts';
import { batchOf } from './wire-fixture.ts';

const [directory = '', what] = process.argv.slice(2);
const spool = new Spool({
  ...{ directory, service: 'checkout', dropsOldest: true, clock: new VirtualClock(1_000) },
  limits: () => DEFAULTS,
  onNews: () => undefined,
  onTrouble: (problem) => {
    throw new Error(problem);
  },
});

function push(from: number, through: number): void {
  for (let n = from; n <= through; n++) {
    const stamp = { stream: 'plays', firstSequence: n, epoch: 1 };
    const stored = storedFrameFrom(batchOf(['n'], [{ n }]), stamp);
    spool.push({ stream: 'plays', time: PUBLISH, oldestMs: n, stored, isOwn: true });
  }
}

await spool.open();
const found = spool.rows('plays');
push(1, 4);
await spool.idle();
if (what === 'read') spool.read();
await spool.idle();
push(5, 10);
await spool.idle();
if (what === 'stay') {
  console.log(`${process.pid} ${found}`);
  setInterval(() => undefined, 60_000);
} else process.kill(process.pid, 'SIGKILL');
