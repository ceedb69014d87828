/** Errors that nobody caught on a page, and parts of it that did not load. */
export interface PageError {
  readonly kind: 'error' | 'unhandledrejection' | 'resource';
  readonly name: string;
  readonly message: string;
  /** Script or resource, without what follows `?`. */
  readonly source: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly stack: string | null;
}

const TEXT_LENGTH_MAX = 2_048;

/** Returns what ends it. */
export function watchPageErrors(tell: (error: PageError) => void): () => void {
  const failed = (event: Event): void => {
    if (event instanceof ErrorEvent) {
      tell({
        ...{
          kind: 'error',
          ...factsOf(event.error, event.message),
          source: sourceOf(event.filename),
        },
        ...{ line: event.lineno, column: event.colno },
      });
    } else if (event.target instanceof Element) tell(resourceError(event.target));
  };
  const rejected = ({ reason }: PromiseRejectionEvent): void => {
    const place = { source: null, line: null, column: null };
    tell({ kind: 'unhandledrejection', ...factsOf(reason, String(reason)), ...place });
  };
  // Of resources the event does not bubble.
  addEventListener('error', failed, true);
  addEventListener('unhandledrejection', rejected);
  return () => {
    removeEventListener('error', failed, true);
    removeEventListener('unhandledrejection', rejected);
  };
}

function factsOf(
  error: unknown,
  text: string,
): { readonly name: string; readonly message: string; readonly stack: string | null } {
  if (!(error instanceof Error)) return { name: typeof error, message: cut(text), stack: null };
  const stack = error.stack === undefined ? null : cut(withoutQueries(error.stack));
  return { name: error.name, message: cut(error.message), stack };
}

function resourceError(element: Element): PageError {
  const source = sourceOf(element.getAttribute('src') ?? element.getAttribute('href'));
  const name = element.tagName.toLowerCase();
  const message = `${name} did not load`;
  return { kind: 'resource', name, message, source, line: null, column: null, stack: null };
}

function sourceOf(address: string | null): string | null {
  return address === null || address === '' ? null : cut(address.split(/[?#]/, 1)[0] ?? '');
}

/** Addresses of a stack trace as those elsewhere. */
function withoutQueries(stack: string): string {
  return stack.replace(/(https?:\/\/[^\s?#)]*)[?#][^\s:)]*/g, '$1');
}

function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? text.slice(0, TEXT_LENGTH_MAX) : text;
}
