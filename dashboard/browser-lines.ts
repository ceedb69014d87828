/** Requests whose answers come line by line, such as backtests. */
import { problemSentence } from './api-problem.ts';
import { baseUrl, parsedBody } from './browser-host.ts';

/** Calls `take` with each line of a JSON answer; returns why there was none. Never rejects. */
export type ApiLines = (
  path: string,
  body: object,
  signal: AbortSignal,
  take: (line: unknown) => void,
) => Promise<string | null>;

export const browserLines: ApiLines = async (path, body, signal, take) => {
  try {
    const response = await fetch(new URL(`api/v1/${path}`, baseUrl()), {
      method: 'POST',
      credentials: 'same-origin',
      headers: { accept: 'application/x-ndjson', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    if (!response.ok || response.body === null) {
      return problemSentence({ status: response.status, body: parsedBody(await response.text()) });
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + (value ?? '')).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) if (line !== '') take(parsedBody(line));
      if (done) return null;
    }
  } catch {
    return signal.aborted ? null : 'The engine does not answer.';
  }
};
