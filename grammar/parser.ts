/**
 * The parser: one rule per production of `mql.ebnf`, no actions, one token of lookahead. It needs
 * no more because the lexer has already told keywords from names. It does no recovery of its own:
 * `recover.ts` cuts a wrong query at its clause words and runs these rules on the pieces.
 *
 * Building a parser analyses the whole grammar (tens of milliseconds), so each thread builds one,
 * when it first needs it.
 */
import type { CstNode, IToken } from 'chevrotain';
import { ExpressionParser } from './expression-parser.ts';
import type { Rule } from './expression-parser.ts';
import * as t from './tokens.ts';

const DURATION = [t.DurationText, t.ParameterName];
const COUNT = [t.NumberText, t.ParameterName];
const SIZE = [t.NumberText, t.DurationText, t.ParameterName];

export class MqlParser extends ExpressionParser {
  constructor(options: { readonly validate: boolean }) {
    super(options);
    this.performSelfAnalysis();
  }

  // ---- Query ------------------------------------------------------------------------------------

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

  // ---- FROM -------------------------------------------------------------------------------------

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

  // ---- The other clauses ------------------------------------------------------------------------

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

  // ---- Quantities -------------------------------------------------------------------------------

  readonly duration: Rule = this.RULE('duration', () => this.oneOf(DURATION));

  readonly count: Rule = this.RULE('count', () => this.oneOf(COUNT));

  readonly size: Rule = this.RULE('size', () => this.oneOf(SIZE));
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

/** What one run of a rule gives: the tree of what could be read, and the first mistake, if any. */
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
