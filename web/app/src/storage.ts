/** Where a tab keeps the operator's token. */
export const operatorToken = 'sluice.token';

/** Storage may be forbidden or full; the site works without it. */
export function store(name: string, value: string, area: 'local' | 'session' = 'local'): void {
  try {
    (area === 'local' ? localStorage : sessionStorage).setItem(name, value);
  } catch {
    // Not remembered, then.
  }
}

export function recall(name: string, area: 'local' | 'session' = 'local'): string | undefined {
  try {
    return (area === 'local' ? localStorage : sessionStorage).getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function forget(name: string, area: 'local' | 'session' = 'local'): void {
  try {
    (area === 'local' ? localStorage : sessionStorage).removeItem(name);
  } catch {
    // Was not remembered either.
  }
}

/** Takes `name` out of the address's fragment, where it never reached a server's log, into the tab's storage. */
export function takeFromFragment(name: string, storedAs: string): string | undefined {
  const value = new URLSearchParams(location.hash.slice(1)).get(name);
  if (value !== null && value !== '') {
    store(storedAs, value, 'session');
    history.replaceState(history.state, '', location.pathname + location.search);
    return value;
  }
  return recall(storedAs, 'session');
}
