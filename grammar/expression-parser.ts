/**
 * The rules of expressions, weakest operator first (L16): one rule per production of `mql.ebnf`, no
 * actions. `parser.ts` adds the clauses and builds the whole.
 */
import { CstParser } from 'chevrotain';
import type { CstNode, IOrAlt, ParserMethod, TokenType } from 'chevrotain';
import { PARSER_MESSAGES } from './parser-messages.ts';
import * as t from './tokens.ts';

export type Rule = ParserMethod<[], CstNode>;

type Alternatives = IOrAlt<unknown>[];

const LITERALS: readonly TokenType[] = [
  t.NumberText,
  t.DurationText,
  t.StringText,
  t.RegexText,
  t.ParameterName,
  t.True,
  t.False,
  t.Null,
];

/** Not usable by itself: the class that extends it ends its constructor with the self-analysis. */
export class ExpressionParser extends CstParser {
  constructor(options: { readonly validate: boolean }) {
    super([...t.VOCABULARY], {
      maxLookahead: 1,
      recoveryEnabled: false,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: PARSER_MESSAGES,
      skipValidations: !options.validate,
    });
  }

  // ---- Expressions, weakest operator first (L16) ------------------------------------------------

  readonly expression: Rule = this.RULE('expression', () => {
    this.SUBRULE(this.conjunction);
    this.MANY(() => {
      this.CONSUME(t.Or);
      this.SUBRULE1(this.conjunction);
    });
  });

  readonly conjunction: Rule = this.RULE('conjunction', () => {
    this.SUBRULE(this.negation);
    this.MANY(() => {
      this.CONSUME(t.And);
      this.SUBRULE1(this.negation);
    });
  });

  readonly negation: Rule = this.RULE('negation', () => {
    this.MANY(() => this.CONSUME(t.Not));
    this.SUBRULE(this.comparison);
  });

  readonly comparison: Rule = this.RULE('comparison', () => {
    this.SUBRULE(this.additive);
    this.OPTION(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Comparison);
            this.SUBRULE(this.rightOperand);
          },
        },
        { ALT: () => this.SUBRULE(this.nullTest) },
        {
          ALT: () => {
            this.OPTION1(() => this.CONSUME(t.InfixNot));
            this.OR1([
              { ALT: () => this.SUBRULE(this.listTest) },
              { ALT: () => this.SUBRULE(this.likeTest) },
              { ALT: () => this.SUBRULE(this.rangeTest) },
            ]);
          },
        },
      ]),
    );
  });

  readonly rightOperand: Rule = this.RULE('rightOperand', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Not);
          this.SUBRULE(this.negation);
        },
      },
      { ALT: () => this.SUBRULE(this.additive) },
    ]);
  });

  readonly nullTest: Rule = this.RULE('nullTest', () => {
    this.CONSUME(t.Is);
    this.OPTION(() => this.CONSUME(t.InfixNot));
    this.CONSUME(t.Null);
  });

  readonly listTest: Rule = this.RULE('listTest', () => {
    this.CONSUME(t.In);
    this.CONSUME(t.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
    this.CONSUME(t.RightParen);
  });

  readonly likeTest: Rule = this.RULE('likeTest', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Like) }, { ALT: () => this.CONSUME(t.ILike) }]);
    this.SUBRULE(this.rightOperand);
  });

  readonly rangeTest: Rule = this.RULE('rangeTest', () => {
    this.CONSUME(t.Between);
    this.SUBRULE(this.additive, { LABEL: 'low' });
    this.CONSUME(t.And);
    this.SUBRULE1(this.additive, { LABEL: 'high' });
  });

  readonly additive: Rule = this.RULE('additive', () => {
    this.SUBRULE(this.multiplicative);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Plus, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Minus, { LABEL: 'operator' }) },
      ]);
      this.SUBRULE1(this.multiplicative);
    });
  });

  readonly multiplicative: Rule = this.RULE('multiplicative', () => {
    this.SUBRULE(this.unary);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Star, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Slash, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Percent, { LABEL: 'operator' }) },
      ]);
      this.SUBRULE1(this.unary);
    });
  });

  readonly unary: Rule = this.RULE('unary', () => {
    this.MANY(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Minus, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Plus, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Bang, { LABEL: 'operator' }) },
      ]),
    );
    this.SUBRULE(this.primary);
  });

  /** Alternatives of the rules that run for every operand are made once. */
  private primaries: Alternatives | undefined;
  private readonly choices = new Map<readonly TokenType[], Alternatives>();

  readonly primary: Rule = this.RULE('primary', () => {
    this.primaries ??= [
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.eventPath) },
      { ALT: () => this.SUBRULE(this.nameOrCall) },
      { ALT: () => this.SUBRULE(this.quotedPath) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { ALT: () => this.SUBRULE(this.parenthesized) },
    ];
    this.OR(this.primaries);
  });

  readonly literal: Rule = this.RULE('literal', () => this.oneOf(LITERALS));

  readonly parenthesized: Rule = this.RULE('parenthesized', () => {
    this.CONSUME(t.LeftParen);
    this.SUBRULE(this.expression);
    this.CONSUME(t.RightParen);
  });

  readonly caseExpression: Rule = this.RULE('caseExpression', () => {
    this.CONSUME(t.Case);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.caseBranch));
    this.OPTION(() => {
      this.CONSUME(t.Else);
      this.SUBRULE(this.expression);
    });
    this.CONSUME(t.End);
  });

  readonly caseBranch: Rule = this.RULE('caseBranch', () => {
    this.CONSUME(t.When);
    this.SUBRULE(this.expression, { LABEL: 'when' });
    this.CONSUME(t.Then);
    this.SUBRULE1(this.expression, { LABEL: 'then' });
  });

  // ---- Properties and calls ---------------------------------------------------------------------

  readonly eventPath: Rule = this.RULE('eventPath', () => {
    this.CONSUME(t.Event);
    this.AT_LEAST_ONE(() => this.SUBRULE(this.pathStep));
  });

  readonly quotedPath: Rule = this.RULE('quotedPath', () => {
    this.CONSUME(t.QuotedName);
    this.MANY(() => this.SUBRULE(this.pathStep));
  });

  readonly nameOrCall: Rule = this.RULE('nameOrCall', () => {
    this.CONSUME(t.Name);
    this.OR([
      { ALT: () => this.SUBRULE(this.callTail) },
      { ALT: () => this.MANY(() => this.SUBRULE(this.pathStep)) },
    ]);
  });

  readonly callTail: Rule = this.RULE('callTail', () => {
    this.CONSUME(t.LeftParen);
    this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Star) },
        {
          ALT: () => {
            this.OPTION1(() => this.CONSUME(t.Distinct));
            this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
          },
        },
      ]),
    );
    this.CONSUME(t.RightParen);
    this.OPTION2(() => this.SUBRULE(this.filter));
  });

  readonly filter: Rule = this.RULE('filter', () => {
    this.CONSUME(t.Filter);
    this.CONSUME(t.LeftParen);
    this.CONSUME(t.FilterWhere);
    this.SUBRULE(this.expression);
    this.CONSUME(t.RightParen);
  });

  readonly pathStep: Rule = this.RULE('pathStep', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.LeftBracket);
          this.SUBRULE(this.subscript);
          this.CONSUME(t.RightBracket);
        },
      },
      { ALT: () => this.CONSUME(t.PathName) },
    ]);
  });

  readonly subscript: Rule = this.RULE('subscript', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.StringText) },
      { ALT: () => this.CONSUME(t.ParameterName) },
      { ALT: () => this.CONSUME(t.Star) },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(t.Minus));
          this.CONSUME(t.NumberText);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Caret);
          this.CONSUME1(t.StringText);
        },
      },
    ]);
  });

  /** One token of a constant list of types. */
  protected oneOf(types: readonly TokenType[]): void {
    let choice = this.choices.get(types);
    if (choice === undefined) {
      choice = types.map((type) => ({ ALT: () => this.CONSUME(type) }));
      this.choices.set(types, choice);
    }
    this.OR(choice);
  }
}
