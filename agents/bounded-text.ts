/** Bodies of answers, read no further than a bound. */

/** Null: there is more than `bytesMax`, and the rest was not waited for. */
export async function boundedText(response: Response, bytesMax: number): Promise<string | null> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > bytesMax) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
