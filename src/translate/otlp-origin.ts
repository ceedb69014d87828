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

type ReadRecord = (record: Readonly<Record<string, unknown>>, origin: Origin) => readonly Event[];

/** Walks resources and scopes; a record that cannot be read takes no other with it. */
export function eachRecord(input: OtlpInput, read: ReadRecord, into: Translation): void {
  const { names, depthMax } = input;
  for (const group of listOf(objectOf(input.request)[names.group])) {
    const { attributes } = objectOf(objectOf(group)['resource']);
    const { value: resource, fault } = guarded(() => attributesOf(attributes, depthMax));
    for (const item of listOf(objectOf(group)[names.scopes])) {
      const records = listOf(objectOf(item)[names.records]);
      const origin = originOf(resource, objectOf(item)['scope']);
      for (const record of records) {
        if (fault === null) readInto(into, () => read(objectOf(record), origin));
        else into.refuse(fault);
      }
    }
  }
}

function originOf(resource: ValueObject | null, scope: unknown): Origin {
  const { name, version } = objectOf(scope);
  const service = textOf(resource?.['service.name']);
  return { service, resource, scope: textOf(name), scopeVersion: textOf(version) };
}

function readInto(into: Translation, read: () => readonly Event[]): void {
  const { value, fault } = guarded(read);
  if (fault !== null) into.refuse(fault);
  for (const event of value ?? []) into.add(event);
}

/** Only values that are nested too deeply throw. */
function guarded<T>(read: () => T): { readonly value: T | null; readonly fault: string | null } {
  try {
    return { value: read(), fault: null };
  } catch (error) {
    return { value: null, fault: error instanceof Error ? error.message : String(error) };
  }
}
