export interface PageContext {
  /** Fires when the page is left: everything a page starts ends by it. */
  readonly signal: AbortSignal;
  readonly parameters: Readonly<Record<string, string>>;
  readonly setTitle: (title: string) => void;
}

export type Page = (context: PageContext) => HTMLElement;

export interface Route {
  readonly pattern: RegExp;
  readonly page: Page;
}

/** Matches a path; named groups become decoded parameters. */
export function match(routes: readonly Route[], path: string): { page: Page; parameters: Record<string, string> } | undefined {
  for (const { pattern, page } of routes) {
    const found = pattern.exec(path);
    if (found !== null) {
      return { page, parameters: Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decode(value)])) };
    }
  }
  return undefined;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Shows the page of the address in `outlet`, and follows links within the site without loading it anew. */
export class Router {
  readonly #routes: readonly Route[];
  readonly #missing: Page;
  readonly #outlet: HTMLElement;
  readonly #onTitle: (title: string, path: string) => void;
  #page = new AbortController();

  constructor(routes: readonly Route[], missing: Page, outlet: HTMLElement, onTitle: (title: string, path: string) => void) {
    this.#routes = routes;
    this.#missing = missing;
    this.#outlet = outlet;
    this.#onTitle = onTitle;
  }

  start(): void {
    globalThis.addEventListener('popstate', () => this.#show());
    document.addEventListener('click', (event) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (link === null || !plain || event.defaultPrevented || link.target !== '' || link.origin !== location.origin || link.hasAttribute('download')) {
        return;
      }
      if (link.hash !== '' && link.pathname === location.pathname) {
        return;
      }
      event.preventDefault();
      this.navigate(link.href);
    });
    this.#show();
  }

  navigate(address: string): void {
    history.pushState(null, '', address);
    this.#show();
    scrollTo(0, 0);
    this.#outlet.focus({ preventScroll: true });
  }

  #show(): void {
    this.#page.abort();
    this.#page = new AbortController();
    const path = location.pathname.replace(/(.)\/+$/, '$1');
    const found = match(this.#routes, path);
    const context: PageContext = {
      signal: this.#page.signal,
      parameters: found?.parameters ?? {},
      setTitle: (title) => this.#onTitle(title, path),
    };
    this.#outlet.replaceChildren((found?.page ?? this.#missing)(context));
  }
}
