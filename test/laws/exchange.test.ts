/** What passes between shards reads as it did before, whatever columns it is made of. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BatchView } from '../../src/kernel/batch-view.ts';
import { ExchangedBatch } from '../../src/kernel/exchanged-batch.ts';
import { FieldSet } from '../../src/kernel/field-set.ts';
import {
  gatherAll,
  gatheredBytes,
  gatherFields,
  transferablesOf,
} from '../../src/kernel/gather-columns.ts';
import { pathText } from '../../src/ir/path-text.ts';
import { cellReader } from '../../src/wire/cell-reader.ts';
import type { Event, Value } from '../../src/model/value.ts';
import { namePath, TestConnection, TestInterner } from '../support/batch-builder.ts';
import { lawParameters } from '../support/laws.ts';

const value = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('a', 'b', 'é', '😀', ''),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer(), { maxLength: 2 }),
  fc.record({ x: fc.integer() }),
);
const column: fc.Arbitrary<Value[]> = fc.oneof(
  fc.array(fc.constantFrom('a', 'b', 'c', null), { minLength: 12, maxLength: 12 }),
  fc.array(fc.integer(), { minLength: 12, maxLength: 12 }),
  fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  fc.array(value, { minLength: 12, maxLength: 12 }),
);
const PATHS = ['k', 'n'].map(namePath);

it('gathered rows read as they did', () => {
  const inputs = {
    k: column,
    n: column,
    rows: fc.subarray([...Array(12).keys()], { minLength: 1 }),
    all: fc.boolean(),
  };
  fc.assert(
    fc.property(fc.record(inputs), ({ k, n, rows, all }) => {
      const events = k.map((one, i): Event => ({ k: one, n: n[i]! }));
      const batch = new TestConnection().batch(events, { paths: PATHS });
      const set = new FieldSet();
      const numbers = PATHS.map((path) => set.number(path));
      const view = new BatchView(set);
      view.bind(batch, 0);
      const selected = Uint32Array.from(rows);
      const fields = PATHS.map((path) => ({ text: pathText(path), key: false }));
      const gathered = all
        ? gatherAll(view, selected, rows.length)
        : gatherFields(view, { numbers, fields }, selected, rows.length);
      expect(gatheredBytes(gathered)).toBeGreaterThanOrEqual(rows.length * 16);
      const sent = structuredClone(gathered, { transfer: transferablesOf(gathered) });
      const made = new ExchangedBatch(sent, sent.fields, new TestInterner());
      expect([...made.times]).toEqual(rows.map((row) => batch.times[row]));
      expect([...made.sequences]).toEqual(rows.map((row) => batch.firstSequence + row));
      for (const [index, field] of made.fields.entries()) {
        const from = batch.fields.findIndex(({ text }) => text === field.text);
        const before = cellReader(batch.column(from));
        const after = cellReader(made.column(index));
        expect(rows.map((_row, i) => after(i))).toEqual(rows.map((row) => before(row)));
      }
    }),
    lawParameters(300),
  );
});
