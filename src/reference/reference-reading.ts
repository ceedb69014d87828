/** What functions over series read: a window's value, and the window that is asked about. */

/** `number` counts slides from 1970. */
export interface Reading {
  readonly number: number;
  readonly startMs: number;
  readonly x: number;
}

export interface Moment {
  readonly number: number;
  readonly startMs: number;
  readonly slideMs: number;
}
