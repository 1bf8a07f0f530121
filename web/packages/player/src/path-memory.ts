const firstTime = 10 * 60_000;
const longest = 24 * 60 * 60_000;

interface Entry {
  readonly until: number;
  readonly times: number;
}

/** What a page may keep things in; `localStorage`, where the browser allows it. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * Remembers for a server that no WebRTC media gets through to it from here, so that the next visit need not find out
 * again. It expires: after ten minutes at first, and after twice as long each time it is found true again, up to a day.
 */
export class PathMemory {
  readonly #name: string;
  readonly #keep: Keep | undefined;

  constructor(origin: string, keep: Keep | undefined = pageStorage()) {
    this.#name = `sluice.blocked:${origin}`;
    this.#keep = keep;
  }

  isBlocked(now: number): boolean {
    const until = this.#read()?.until ?? 0;
    // A clock that was set back must not make it last.
    return until > now && until <= now + longest;
  }

  block(now: number): void {
    const times = (this.#read()?.times ?? 0) + 1;
    this.#try((keep) => keep.setItem(this.#name, JSON.stringify({ until: now + Math.min(longest, firstTime * 2 ** Math.min(times - 1, 20)), times })));
  }

  /** WebRTC got through after all. */
  clear(): void {
    this.#try((keep) => keep.removeItem(this.#name));
  }

  #read(): Entry | undefined {
    try {
      const entry = JSON.parse(this.#keep?.getItem(this.#name) ?? 'null') as Partial<Entry> | null;
      const { until, times } = entry ?? {};
      return typeof until === 'number' && typeof times === 'number' && times > 0 ? { until, times } : undefined;
    } catch {
      return undefined;
    }
  }

  #try(action: (keep: Keep) => void): void {
    try {
      if (this.#keep !== undefined) {
        action(this.#keep);
      }
    } catch {
      // Full, or forbidden: then the next visit finds out anew.
    }
  }
}

function pageStorage(): Keep | undefined {
  try {
    return (globalThis as { localStorage?: Storage }).localStorage;
  } catch {
    return undefined;
  }
}
