/**
 * Stream patterns: `*` stands for any run of characters, everything else for itself. The
 * inner streams of views have exact readers only.
 */
import type { SourcePattern } from './plan.ts';
import { isViewStream } from './view-stream.ts';

export function globMatches(pattern: SourcePattern, stream: string): boolean {
  if (!pattern.glob) return pattern.pattern === stream;
  if (isViewStream(stream)) return false;
  const [head = '', ...rest] = pattern.pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern.pattern === stream;
  if (stream.length < head.length + tail.length) return false;
  if (!stream.startsWith(head) || !stream.endsWith(tail)) return false;
  const end = stream.length - tail.length;
  let at = head.length;
  for (const part of rest) {
    const found = stream.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
