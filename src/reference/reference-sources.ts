/** Which streams a pattern reads, in its plainest form. */
import type { SourcePattern } from '../ir/plan.ts';
import { isViewStream } from '../ir/view-stream.ts';

export function readsStream(source: SourcePattern, stream: string): boolean {
  if (!source.glob) return source.pattern === stream;
  if (isViewStream(stream)) return false;
  const [head = '', ...parts] = source.pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return stream === head;
  let at = head.length;
  if (!stream.startsWith(head)) return false;
  for (const part of parts) {
    const found = stream.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return stream.length >= at + tail.length && stream.endsWith(tail);
}
