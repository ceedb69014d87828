/** The parser that options name, helped by the first lines of the file. */
import { combinedParser } from './combined.ts';
import type { LineParser } from './contract.ts';
import { guessFormat, textParser, timeFieldOf } from './guess.ts';
import { jsonParser } from './json.ts';
import { logFormatParser } from './log-format.ts';
import { logfmtParser } from './logfmt.ts';
import { regexParser } from './regex.ts';

export type LineFormat = 'auto' | 'json' | 'logfmt' | 'combined' | 'regex' | 'text';

export interface FormatOptions {
  /** Default: `auto`. */
  readonly format?: LineFormat;
  /** For `regex`: RE2 syntax with named groups. */
  readonly pattern?: string;
  /** For `combined`: the text of nginx' `log_format`, if it is not one of the usual ones. */
  readonly logFormat?: string;
}

/**
 * Null: not known before the first line comes.
 * @throws Error with a sentence for the user if `pattern` or `logFormat` cannot be used.
 */
export function chooseParser(options: FormatOptions, head: readonly string[]): LineParser | null {
  const format = options.format ?? 'auto';
  if (options.logFormat !== undefined) return givenLogFormat(options.logFormat);
  switch (format) {
    case 'regex':
      return givenPattern(options.pattern);
    case 'text':
      return textParser;
    case 'json':
      return head.length === 0 ? null : jsonParser(timeField(jsonParser(null), head));
    case 'logfmt':
      return head.length === 0 ? null : logfmtParser(timeField(logfmtParser(null), head));
    case 'combined':
      return head.map(combinedParser).find((parser) => parser !== null) ?? null;
    case 'auto':
      return head.length === 0 ? null : guessFormat(head).parser;
  }
}

function timeField(parser: LineParser, head: readonly string[]): string | null {
  return timeFieldOf(head.map((line) => parser.parse(line)).filter((event) => event !== null));
}

function givenPattern(pattern: string | undefined): LineParser {
  if (pattern === undefined) throw new Error('format regex needs a pattern with named groups');
  const parser = regexParser(pattern);
  if (!parser.ok) throw new Error(`pattern: ${parser.error}`);
  return parser.value;
}

function givenLogFormat(logFormat: string): LineParser {
  const parser = logFormatParser('log format', logFormat);
  if (parser === null) throw new Error('log format: two variables with nothing between them');
  return parser;
}
