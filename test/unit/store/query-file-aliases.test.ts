import { expect, test } from 'vitest';
import { readQueryFile } from '../../../src/store/query-file.ts';
import { ALIAS_BOMB } from '../../support/alias-bomb.ts';

test.each([
  ['that expand without end', `${ALIAS_BOMB}\nparams: *h`, 'resource exhaustion'],
  ['that name nothing', 'name: *nothing', 'nothing'],
])('aliases %s are a mistake of the file', (_, text, part) => {
  expect(
    readQueryFile('x.yaml', text)
      .mistakes.map(({ message }) => message)
      .join(),
  ).toContain(part);
});
