/** Writes laid tokens into lines; a comment to the end of a line always ends its line. */
import type { Comment, LaidToken } from './layout-tokens.ts';

export class LayoutWriter {
  readonly #lines: string[] = [];
  #line = '';
  /** Indent of a line that must begin before anything else is written. */
  #pending: number | null = null;

  /** Characters on the line that is being written. */
  get column(): number {
    return this.#pending ?? this.#line.length;
  }

  /** Begins a line. */
  line(indent: number): void {
    this.#pending = indent;
  }

  /** @param indent Of a line that a comment forces in the middle of something. */
  token(laid: LaidToken, indent: number): void {
    this.comments(laid.before, indent);
    this.#write(laid.text, laid.spaceBefore);
    for (const { text, toLineEnd } of laid.after) {
      this.#write(text, true);
      if (toLineEnd) this.#pending = indent;
    }
  }

  /** Each on a line of its own; what follows begins another. */
  comments(list: readonly Comment[], indent: number): void {
    for (const { text } of list) {
      if (this.#pending === null && this.#hasText()) this.#pending = indent;
      const depth = this.#pending ?? 0;
      this.#write(text, false);
      this.#pending = depth;
    }
  }

  text(): string {
    return [...this.#lines, this.#line].join('\n');
  }

  #write(text: string, spaceBefore: boolean): void {
    if (this.#pending !== null && this.#hasText()) {
      this.#lines.push(this.#line);
      this.#line = ' '.repeat(this.#pending);
    }
    this.#pending = null;
    if (spaceBefore && this.#line.trim() !== '') this.#line += ' ';
    this.#line += text;
  }

  #hasText(): boolean {
    return this.#line.trim() !== '';
  }
}
