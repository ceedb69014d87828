/** A program: keeps ten batches in a spool, may have four of them read, and is killed. */
import { Spool } from '../../agents/spool.ts';
import { storedFrameFrom } from '../../agents/stored-frame.ts';
import { DEFAULTS } from '../../src/config.ts';
import { VirtualClock } from '../../src/core/clock.ts';
import { PUBLISH } from './live-agent.ts';
import { batchOf } from './wire-fixture.ts';

const [directory = '', isRead] = process.argv.slice(2);
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
push(1, 4);
await spool.idle();
if (isRead === 'read') spool.read();
await spool.idle();
push(5, 10);
await spool.idle();
process.kill(process.pid, 'SIGKILL');
