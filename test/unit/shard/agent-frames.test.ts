/** Which frame of an agent is due first on a connection: any other is refused, it would not end. */
import { expect, test } from 'vitest';
import { firstSequenceOf } from '../../../src/shard/agent-frames.ts';

test.each([
  { name: 'a new agent', framesSent: 0, resendFrom: null, evaluated: 0, first: 1 },
  { name: 'all was acknowledged', framesSent: 7, resendFrom: null, evaluated: 7, first: 8 },
  { name: 'all was given up', framesSent: 7, resendFrom: null, evaluated: 3, first: 8 },
  { name: 'some comes again', framesSent: 7, resendFrom: 4, evaluated: 3, first: 4 },
  { name: 'some acknowledgements were lost', framesSent: 7, resendFrom: 4, evaluated: 5, first: 6 },
  { name: 'all acknowledgements were lost', framesSent: 7, resendFrom: 4, evaluated: 7, first: 8 },
  { name: 'some was given up', framesSent: 7, resendFrom: 6, evaluated: 3, first: 6 },
  { name: 'another engine', framesSent: 7, resendFrom: 4, evaluated: 0, first: 4 },
  { name: 'an engine told too much', framesSent: 7, resendFrom: 4, evaluated: 900, first: 8 },
  { name: 'an older agent', framesSent: null, resendFrom: 4, evaluated: 3, first: null },
])('$name: $first', ({ framesSent, resendFrom, evaluated, first }) => {
  expect(firstSequenceOf({ framesSent, resendFrom }, evaluated)).toBe(first);
});
