/** Options of each command, as the command line hands them over. */
export interface UpFlags {
  readonly demo?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly ingestPort?: number;
  readonly shards?: string;
  /** `otlp`, `syslog=5514` … */
  readonly listen?: readonly string[];
  readonly data?: string;
  readonly rules?: string;
  readonly queries?: string;
  readonly boards?: string;
  readonly notify?: string;
  readonly transport?: 'auto' | 'uws' | 'ws';
  readonly config?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: boolean;
  readonly logLevel?: string;
}

export interface ClientFlags {
  readonly url: string;
  readonly token?: string;
  readonly json?: boolean;
}

export interface QueryFlags extends ClientFlags {
  readonly kept?: boolean;
  readonly rows?: boolean;
  readonly saved?: string;
  readonly limit?: number;
  readonly for?: string;
  readonly param?: Readonly<Record<string, string>>;
}

export interface AgentFlags {
  readonly url: string;
  readonly also?: readonly string[];
  readonly spool?: string;
  readonly whenFull?: string;
  readonly token?: string;
  readonly stream?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly fromStart?: boolean;
  readonly multiline?: string;
  readonly checkpoint?: string;
  readonly unit?: readonly string[];
  readonly directory?: string;
  readonly every?: string;
  readonly job?: string;
}

export interface TablePutFlags extends ClientFlags {
  readonly key?: string;
  readonly refresh?: string;
  readonly format?: string;
}

export interface EvalFlags extends ViewFlags {
  readonly time?: string;
  readonly now?: string;
  readonly table?: Readonly<Record<string, string>>;
  readonly tableKey?: Readonly<Record<string, string>>;
  readonly param?: Readonly<Record<string, string>>;
}

export interface DemoFlags extends ClientFlags {
  readonly region?: string;
  readonly kind?: string;
}

export interface FmtFlags {
  readonly check?: boolean;
  readonly write?: boolean;
}

/** Views for commands that ask no engine. */
export interface ViewFlags {
  /** Name → file. */
  readonly view?: Readonly<Record<string, string>>;
}

export interface CheckFlags extends ViewFlags {
  readonly json?: boolean;
  readonly explain?: boolean;
}

export interface ExplainFlags extends ClientFlags, ViewFlags {
  readonly param?: Readonly<Record<string, string>>;
  readonly offline?: boolean;
}

export interface SavedRemoveFlags extends ClientFlags {
  readonly ifVersion?: number;
}

export interface SavedPutFlags extends SavedRemoveFlags {
  readonly file?: string;
  readonly description?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly keep?: boolean;
}

export interface BoardFlags extends ClientFlags {
  readonly ifVersion?: number;
}

export interface AnnotateFlags extends ClientFlags {
  readonly text?: string;
  readonly tag?: readonly string[];
  readonly time?: string;
  readonly end?: string;
}

export interface AnnotationsFlags extends ClientFlags {
  readonly tag?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

export interface SeriesFlags extends ClientFlags {
  readonly from?: string;
  readonly to?: string;
  readonly step?: string;
  readonly column?: string;
}

export interface RuleFileFlags {
  readonly json?: boolean;
  readonly url?: string;
  readonly token?: string;
}

export interface RuleTestFlags {
  readonly url?: string;
  readonly token?: string;
  readonly junit?: string;
}

export interface BacktestFlags extends ClientFlags {
  readonly data?: string;
  readonly time?: string;
  readonly stream?: string;
  /** Over what the engine kept of so long. */
  readonly kept?: string;
  readonly rule?: string;
  readonly sweep?: string;
}

export interface WhyFlags extends ClientFlags {
  /** `column=value`. */
  readonly key?: readonly string[];
  readonly at?: string;
}
