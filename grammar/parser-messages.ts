/**
 * What the parser's exceptions carry instead of English: `diagnose.ts` words the mistakes, so the
 * message of an exception only names what was expected. Chevrotain's own messages would walk the
 * grammar for every mistake.
 */
import { tokenLabel } from 'chevrotain';
import type { IParserErrorMessageProvider } from 'chevrotain';

/** Prefix of a message that names one terminal by its label. */
export const EXPECTED_TERMINAL = 'terminal ';
/** Prefix of a message that names the rule in which no alternative fits. */
export const EXPECTED_RULE = 'rule ';
/** The message when input is left over behind a complete rule. */
export const LEFT_OVER = 'left over';

export const PARSER_MESSAGES: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: (options) => EXPECTED_TERMINAL + tokenLabel(options.expected),
  buildNotAllInputParsedMessage: () => LEFT_OVER,
  buildNoViableAltMessage: (options) => EXPECTED_RULE + options.ruleName,
  buildEarlyExitMessage: (options) => EXPECTED_RULE + options.ruleName,
};
