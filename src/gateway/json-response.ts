/** Answers in JSON, which nobody on the way may keep. */
export const NO_STORE = { 'Cache-Control': 'no-store' } as const;

export function json(
  value: object,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'Content-Type': 'application/json', ...NO_STORE, ...headers },
  });
}
