/** What Linux says of datagrams that nobody read in time. */
import { expect, test } from 'vitest';
import { overflowOf } from '../../../src/gateway/datagram-listener.ts';

const HEAD =
  'sl local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode ref ' +
  'pointer drops';

/** A line of /proc/net/udp as the kernel writes it. */
function socket(address: string, dropped: number): string {
  const queues = '07 00000000:00000000 00:00000000 00000000 0 0 31337 2 0000000000000000';
  return ` 1059: ${address} 00000000:0000 ${queues} ${dropped}`;
}

const TEXT = [
  `   ${HEAD}`,
  socket('0100007F:1FBD', 17),
  socket('00000000:1FBD', 3),
  socket('0100007F:1FBE', 99),
  '',
].join('\n');

test.each([
  [8_125, 20],
  [8_126, 99],
  [53, 0],
])('at port %i: %i', (port, dropped) => {
  expect(overflowOf(TEXT, port)).toBe(dropped);
});

test('nothing where the system says nothing', () => {
  expect(overflowOf('', 8_125)).toBe(0);
});
