/** Bytes into lines of text, without their line ends. The last line need not end. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (;;) {
      const to = rest.indexOf('\n', from);
      if (to < 0) break;
      yield rest.slice(from, rest[to - 1] === '\r' ? to - 1 : to);
      from = to + 1;
    }
    rest = rest.slice(from);
  }
  rest += decoder.decode();
  if (rest.length > 0) yield rest;
}
