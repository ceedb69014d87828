/** Diagnostics from the engine's JSON: checked, bounded, with spans that lie inside the text. */
import { DIAGNOSTICS_MAX } from '../grammar/diagnostic.ts';
import type { Diagnostic, Fix, Severity } from '../grammar/diagnostic.ts';
import type { Span } from '../grammar/span.ts';
import { listOf, recordFrom } from './catalogue.ts';

const SEVERITIES: readonly unknown[] = ['error', 'warning', 'info'];

export function diagnosticsFrom(value: unknown, text: string): readonly Diagnostic[] {
  return listOf(value, 'diagnostics')
    .slice(0, DIAGNOSTICS_MAX + 1)
    .flatMap((item) => diagnosticFrom(item, text));
}

function diagnosticFrom(value: unknown, text: string): Diagnostic[] {
  const { code, severity, message, span, hint, fixes } = recordFrom(value);
  if (typeof message !== 'string') return [];
  const place = spanFrom(span, text);
  const { line, column } = recordFrom(span);
  return [
    {
      code: typeof code === 'string' ? code : 'MQL',
      severity: SEVERITIES.includes(severity) ? (severity as Severity) : 'error',
      message,
      span: {
        ...place,
        line: typeof line === 'number' ? line : 1,
        column: typeof column === 'number' ? column : 1,
      },
      ...(typeof hint === 'string' ? { hint } : {}),
      fixes: listOf(fixes, 'fixes').flatMap((fix) => fixFrom(fix, text)),
    },
  ];
}

function fixFrom(value: unknown, text: string): Fix[] {
  const { title, span, text: replacement } = recordFrom(value);
  if (typeof title !== 'string' || typeof replacement !== 'string') return [];
  return [{ title, span: spanFrom(span, text), text: replacement }];
}

function spanFrom(value: unknown, text: string): Span {
  const { start, end } = recordFrom(value);
  const from = clamp(start, text.length);
  return { start: from, end: Math.max(from, clamp(end, text.length)) };
}

function clamp(value: unknown, max: number): number {
  const number = typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : 0;
  return Math.max(0, Math.min(max, number));
}
