/**
 * The parser: one rule per production of `mql.ebnf`, no actions, one token of lookahead. It needs no
 * more because the lexer has already told keywords from names. It does no recovery of its own:
 * `recover.ts` cuts a wrong query at its clause words and runs these rules on the pieces.
 *
 * Building a parser analyses the whole grammar (tens of milliseconds), so each thread builds one, when
 * it first needs it.
 */
import { CstParser } from 'chevrotain';
import type { CstNode, IToken, ParserMethod, TokenType } from 'chevrotain';
import { PARSER_MESSAGES } from './parser-messages.ts';
import * as t from './tokens.ts';

type Rule = ParserMethod<[], CstNode>;

export class MqlParser extends CstParser {
  constructor(options: { readonly validate: boolean }) {
    super([...t.VOCABULARY], {
      maxLookahead: 1,
      recoveryEnabled: false,
      nodeLocationTracking: 'none',
      errorMessageProvider: PARSER_MESSAGES,
      skipValidations: !options.validate,
    });
    this.performSelfAnalysis();
  }

  // ---- Query -------------------------------------------------------------------------------------

  readonly query: Rule = this.RULE('query', () => {
    this.OPTION(() => this.SUBRULE(this.explain));
    this.SUBRULE(this.selectClause);
    this.OPTION1(() => this.SUBRULE(this.fromClause));
    this.MANY(() => this.SUBRULE(this.clause));
    this.OPTION2(() => this.CONSUME(t.Semicolon));
  });

  readonly explain: Rule = this.RULE('explain', () => {
    this.CONSUME(t.Explain);
    this.OPTION(() => this.CONSUME(t.Analyze));
  });

  readonly selectClause: Rule = this.RULE('selectClause', () => {
    this.CONSUME(t.Select);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.selectItem) });
  });

  readonly selectItem: Rule = this.RULE('selectItem', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Star) },
      { ALT: () => this.CONSUME(t.AliasStar) },
      {
        ALT: () => {
          this.SUBRULE(this.expression);
          this.OPTION(() => this.SUBRULE(this.columnAlias));
        },
      },
    ]);
  });

  readonly columnAlias: Rule = this.RULE('columnAlias', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.As);
          this.OR1([
            { ALT: () => this.CONSUME(t.Name) },
            { ALT: () => this.CONSUME(t.QuotedName) },
            { ALT: () => this.CONSUME(t.StringText) },
          ]);
        },
      },
      { ALT: () => this.CONSUME1(t.Name) },
      { ALT: () => this.CONSUME1(t.QuotedName) },
    ]);
  });

  readonly clause: Rule = this.RULE('clause', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.replayClause) },
      { ALT: () => this.SUBRULE(this.windowClause) },
      { ALT: () => this.SUBRULE(this.whereClause) },
      { ALT: () => this.SUBRULE(this.groupClause) },
      { ALT: () => this.SUBRULE(this.havingClause) },
      { ALT: () => this.SUBRULE(this.anomalyClause) },
      { ALT: () => this.SUBRULE(this.orderClause) },
      { ALT: () => this.SUBRULE(this.limitClause) },
      { ALT: () => this.SUBRULE(this.sampleClause) },
      { ALT: () => this.SUBRULE(this.emitClause) },
      { ALT: () => this.SUBRULE(this.latenessClause) },
    ]);
  });

  // ---- FROM --------------------------------------------------------------------------------------

  readonly fromClause: Rule = this.RULE('fromClause', () => {
    this.CONSUME(t.From);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.source) });
    this.MANY(() => this.SUBRULE(this.join));
  });

  readonly source: Rule = this.RULE('source', () => {
    this.OR([{ ALT: () => this.CONSUME(t.StreamName) }, { ALT: () => this.CONSUME(t.QuotedName) }]);
    this.OPTION(() => this.SUBRULE(this.sourceAlias));
  });

  readonly sourceAlias: Rule = this.RULE('sourceAlias', () => {
    this.OPTION(() => this.CONSUME(t.As));
    this.OR([{ ALT: () => this.CONSUME(t.Name) }, { ALT: () => this.CONSUME(t.QuotedName) }]);
  });

  readonly join: Rule = this.RULE('join', () => {
    this.OPTION(() =>
      this.OR([{ ALT: () => this.CONSUME(t.Left) }, { ALT: () => this.CONSUME(t.Inner) }]),
    );
    this.CONSUME(t.Join);
    this.SUBRULE(this.source);
    this.OPTION1(() => this.SUBRULE(this.joinSpan));
    this.CONSUME(t.On);
    this.SUBRULE(this.expression);
  });

  readonly joinSpan: Rule = this.RULE('joinSpan', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Within);
          this.SUBRULE(this.duration);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.NumberText);
          this.CONSUME(t.Seconds);
        },
      },
    ]);
  });

  // ---- The other clauses -------------------------------------------------------------------------

  readonly replayClause: Rule = this.RULE('replayClause', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Last);
          this.SUBRULE(this.duration);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Since);
          this.SUBRULE(this.additive, { LABEL: 'since' });
          this.OPTION(() => {
            this.CONSUME(t.Until);
            this.SUBRULE1(this.additive, { LABEL: 'until' });
          });
        },
      },
    ]);
  });

  readonly windowClause: Rule = this.RULE('windowClause', () => {
    this.CONSUME(t.Window);
    this.OR([
      { ALT: () => this.SUBRULE(this.countWindow) },
      { ALT: () => this.SUBRULE(this.sessionWindow) },
      { ALT: () => this.SUBRULE(this.timeWindow) },
    ]);
  });

  readonly countWindow: Rule = this.RULE('countWindow', () => {
    this.CONSUME(t.Pipe);
    this.SUBRULE(this.count);
    this.CONSUME1(t.Pipe);
    this.OPTION(() => {
      this.CONSUME(t.Timeout);
      this.SUBRULE(this.size);
    });
  });

  readonly sessionWindow: Rule = this.RULE('sessionWindow', () => {
    this.CONSUME(t.Session);
    this.SUBRULE(this.size, { LABEL: 'gap' });
    this.OPTION(() => {
      this.CONSUME(t.Max);
      this.SUBRULE1(this.size, { LABEL: 'max' });
    });
  });

  readonly timeWindow: Rule = this.RULE('timeWindow', () => {
    this.SUBRULE(this.size, { LABEL: 'size' });
    this.OPTION(() => {
      this.OPTION1(() => this.CONSUME(t.Slide));
      this.SUBRULE1(this.size, { LABEL: 'slide' });
    });
  });

  readonly whereClause: Rule = this.RULE('whereClause', () => {
    this.CONSUME(t.Where);
    this.SUBRULE(this.expression);
  });

  readonly groupClause: Rule = this.RULE('groupClause', () => {
    this.CONSUME(t.Group);
    this.CONSUME(t.By);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.groupItem) });
  });

  readonly groupItem: Rule = this.RULE('groupItem', () => {
    this.SUBRULE(this.expression);
  });

  readonly havingClause: Rule = this.RULE('havingClause', () => {
    this.CONSUME(t.Having);
    this.SUBRULE(this.expression);
  });

  readonly anomalyClause: Rule = this.RULE('anomalyClause', () => {
    this.CONSUME(t.Anomaly);
    this.CONSUME(t.Name);
    this.SUBRULE(this.primary);
    this.MANY(() => this.SUBRULE(this.signedNumber));
  });

  readonly signedNumber: Rule = this.RULE('signedNumber', () => {
    this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Plus, { LABEL: 'sign' }) },
        { ALT: () => this.CONSUME(t.Minus, { LABEL: 'sign' }) },
      ]),
    );
    this.SUBRULE(this.count);
  });

  readonly orderClause: Rule = this.RULE('orderClause', () => {
    this.CONSUME(t.Order);
    this.CONSUME(t.By);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.orderItem) });
  });

  readonly orderItem: Rule = this.RULE('orderItem', () => {
    this.SUBRULE(this.expression);
    this.OPTION(() =>
      this.OR([{ ALT: () => this.CONSUME(t.Asc) }, { ALT: () => this.CONSUME(t.Desc) }]),
    );
    this.OPTION1(() => {
      this.CONSUME(t.Nulls);
      this.OR1([
        { ALT: () => this.CONSUME(t.NullsFirst) },
        { ALT: () => this.CONSUME(t.NullsLast) },
      ]);
    });
  });

  readonly limitClause: Rule = this.RULE('limitClause', () => {
    this.CONSUME(t.Limit);
    this.SUBRULE(this.count);
  });

  readonly sampleClause: Rule = this.RULE('sampleClause', () => {
    this.CONSUME(t.Sample);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.NumberText);
          this.CONSUME(t.Percent);
        },
      },
      { ALT: () => this.CONSUME(t.JsonText) },
    ]);
  });

  readonly emitClause: Rule = this.RULE('emitClause', () => {
    this.CONSUME(t.Emit);
    this.CONSUME(t.Every);
    this.SUBRULE(this.duration);
  });

  readonly latenessClause: Rule = this.RULE('latenessClause', () => {
    this.CONSUME(t.Lateness);
    this.SUBRULE(this.duration);
  });

  // ---- Quantities --------------------------------------------------------------------------------

  readonly duration: Rule = this.RULE('duration', () => {
    this.oneOf([t.DurationText, t.ParameterName]);
  });

  readonly count: Rule = this.RULE('count', () => {
    this.oneOf([t.NumberText, t.ParameterName]);
  });

  readonly size: Rule = this.RULE('size', () => {
    this.oneOf([t.NumberText, t.DurationText, t.ParameterName]);
  });

  // ---- Expressions, weakest operator first (L16) -------------------------------------------------

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

  readonly primary: Rule = this.RULE('primary', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.eventPath) },
      { ALT: () => this.SUBRULE(this.nameOrCall) },
      { ALT: () => this.SUBRULE(this.quotedPath) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { ALT: () => this.SUBRULE(this.parenthesized) },
    ]);
  });

  readonly literal: Rule = this.RULE('literal', () => {
    this.oneOf([
      t.NumberText,
      t.DurationText,
      t.StringText,
      t.RegexText,
      t.ParameterName,
      t.True,
      t.False,
      t.Null,
    ]);
  });

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

  // ---- Properties and calls ----------------------------------------------------------------------

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

  private oneOf(types: readonly TokenType[]): void {
    this.OR(types.map((type) => ({ ALT: () => this.CONSUME(type) })));
  }
}

/** Name of a rule that a piece of a query can be parsed with. */
export type RuleName =
  | 'query'
  | 'explain'
  | 'selectClause'
  | 'selectItem'
  | 'fromClause'
  | 'source'
  | 'clause'
  | 'groupItem'
  | 'orderItem'
  | 'expression';

let shared: MqlParser | undefined;

/** The parser of this thread, built at the first call. */
export function mqlParser(): MqlParser {
  shared ??= new MqlParser({ validate: false });
  return shared;
}

/** What one run of a rule gives: a tree of whatever could be read, and the first mistake, if any. */
export interface RuleResult {
  readonly tree: CstNode | undefined;
  readonly mistake: MqlParser['errors'][number] | undefined;
}

/** Runs one rule on the whole of `tokens`; anything left over is a mistake. */
export function runRule(rule: RuleName, tokens: readonly IToken[]): RuleResult {
  const parser = mqlParser();
  parser.input = [...tokens];
  const tree = parser[rule]();
  return { tree, mistake: parser.errors[0] };
}
