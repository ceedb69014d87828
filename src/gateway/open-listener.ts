/** A listener besides the two ports, once it is open. */
export interface OpenListener {
  readonly port: number;
  /** Frees the port, and hands on what has come. */
  close(): void;
}

export interface ListenerAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What a human changes if the port is taken. */
  readonly flag: string;
}
