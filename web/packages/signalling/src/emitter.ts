/** A small typed event source. A listener that throws is reported to the page and does not stop the others. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** Adds a listener; the returned function removes it, and so does the signal. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void, signal?: AbortSignal): () => void {
    let set = this.#listeners.get(name);
    if (set === undefined) {
      set = new Set();
      this.#listeners.set(name, set);
    }
    const owner = set;
    owner.add(listener);
    const remove = (): void => void owner.delete(listener);
    signal?.addEventListener('abort', remove, { once: true });
    return remove;
  }

  protected emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (value: Events[Name]) => void)(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
