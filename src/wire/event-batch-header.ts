/** What an event frame says besides its columns. See docs/protocol.md, "Event frame". */
export interface EventFrameHeader {
  readonly stream: string;
  /** Of the frame: per agent and incarnation, from 1, without holes. */
  readonly frameSequence: number;
  /** Of the first event: per stream and incarnation. */
  readonly firstSequence: number;
  /** Plan epoch the columns were chosen under. */
  readonly epoch: number;
  readonly rows: number;
  readonly watermarkMs: number;
  /** Events looked at and not shipped since the stream's previous frame or heartbeat. */
  readonly filtered: number;
}
