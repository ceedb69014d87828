/** Colours, where a terminal shows them. */
import { styleText } from 'node:util';

export type Color = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';
export type Paint = (color: Color, text: string) => string;

export function createPaint(colors: boolean): Paint {
  // The caller has decided whether colours are wanted; styleText must not decide again.
  if (!colors) return (_color, text) => text;
  return (color, text) => styleText(color, text, { validateStream: false });
}

/** Control characters of telemetry must not steer the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is to be found
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    '·',
  );
}
