/** What all records of one resource and scope share: who sent them. */
import type { Event, ValueObject } from '../model/value.ts';
import { attributesOf, listOf, objectOf, textOf } from './otlp-values.ts';
import type { Translation } from './translated.ts';

export interface Origin {
  readonly service: string | null;
  /** Attributes of the resource, under the names that OpenTelemetry gives them. */
  readonly resource: ValueObject | null;
  readonly scope: string | null;
  readonly scopeVersion: string | null;
}

/** Members of an export request on the way down to its records. */
export interface RequestNames {
  readonly group: string;
  readonly scopes: string;
  readonly records: string;
}

export interface OtlpInput {
  readonly request: unknown;
  readonly names: RequestNames;
  /** Bound of nested values. */
  readonly depthMax: number;
}

export interface RecordReader {
  read(record: Readonly<Record<string, unknown>>, origin: Origin): readonly Event[];
  /** Events that a record would be. */
  count(record: Readonly<Record<string, unknown>>): number;
}

/** Walks resources and scopes; a record that cannot be read takes no other with it. */
export function eachRecord(input: OtlpInput, reader: RecordReader, into: Translation): void {
  const { names, depthMax } = input;
  for (const group of listOf(objectOf(input.request)[names.group])) {
    const { attributes } = objectOf(objectOf(group)['resource']);
    const { value: resource, fault } = guarded(() => attributesOf(attributes, depthMax));
    for (const scoped of listOf(objectOf(group)[names.scopes])) {
      const records = listOf(objectOf(scoped)[names.records]);
      const origin = originOf(resource, objectOf(scoped)['scope']);
      for (const item of records) {
        const record = objectOf(item);
        if (into.room <= 0) {
          into.leave(reader.count(record));
          continue;
        }
        const read = guarded(() => (fault === null ? reader.read(record, origin) : []));
        const wrong = fault ?? read.fault;
        if (wrong !== null) into.refuse(wrong, reader.count(record));
        for (const event of read.value ?? []) into.add(event);
      }
    }
  }
}

function originOf(resource: ValueObject | null, scope: unknown): Origin {
  const { name, version } = objectOf(scope);
  const service = textOf(resource?.['service.name']);
  return { service, resource, scope: textOf(name), scopeVersion: textOf(version) };
}

/** Only values that are nested too deeply throw. */
function guarded<T>(read: () => T): { readonly value: T | null; readonly fault: string | null } {
  try {
    return { value: read(), fault: null };
  } catch (error) {
    return { value: null, fault: error instanceof Error ? error.message : String(error) };
  }
}
