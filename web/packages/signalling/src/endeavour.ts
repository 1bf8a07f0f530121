import { isAborted, pauseUntilOnline } from './abort.ts';
import { backoffDelay } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { failureOf } from './failure.ts';
import type { Failure } from './failure.ts';

/** What befalls every endeavour. Each has events of its own besides. */
export type Turn =
  | { readonly type: 'started' }
  | { readonly type: 'lost'; readonly failure: Failure; readonly retryAt: number }
  | { readonly type: 'retrying' }
  | { readonly type: 'refused'; readonly failure: Failure };

/** What lasted this long was good: the next loss is met without delay. */
const stable = 10_000;

/**
 * Something that is started once, tried again with growing delays until it is refused for good, and ended by its owner,
 * by a signal or with the page: the life of a player and of a publisher.
 */
export abstract class Endeavour<State, Event, Events extends { state: State }> extends Emitter<Events> {
  readonly #reduce: (state: State, event: Event | Turn) => State;
  readonly #owner: AbortSignal | undefined;
  #state: State;
  #abort: AbortController | undefined;

  protected constructor(initial: State, reduce: (state: State, event: Event | Turn) => State, owner: AbortSignal | undefined) {
    super();
    this.#state = initial;
    this.#reduce = reduce;
    this.#owner = owner;
  }

  get state(): State {
    return this.#state;
  }

  /** Fires when it is ended or refused; undefined while it is not under way. */
  protected get running(): AbortSignal | undefined {
    return this.#abort?.signal;
  }

  /** Begins. Does nothing when it has begun already. */
  start(): void {
    if (this.#abort !== undefined) {
      return;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.#owner?.addEventListener('abort', () => void this.end(), { signal: abort.signal });
    globalThis.addEventListener('pagehide', () => void this.end(), { signal: abort.signal });
    this.dispatch({ type: 'started' });
    if (this.#owner?.aborted === true) {
      void this.end();
      return;
    }
    void this.#run(abort.signal);
  }

  /** Ends it for good, and says so to the server. */
  protected abstract end(): Promise<void>;

  /** One try: resolves, or throws, with why it is over. It calls `opened` when it has got where it wanted; the signal fires when it is over. */
  protected abstract attempt(signal: AbortSignal, opened: () => void): Promise<Failure>;

  /** No further tries. */
  protected halt(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  protected dispatch(event: Event | Turn): void {
    const next = this.#reduce(this.#state, event);
    if (next !== this.#state) {
      this.#state = next;
      this.emit('state', next);
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    let tries = 0;
    while (!signal.aborted) {
      const over = new AbortController();
      let opened: number | undefined;
      let failure: Failure;
      try {
        failure = await this.attempt(AbortSignal.any([signal, over.signal]), () => {
          opened = Date.now();
        });
      } catch (error) {
        failure = failureOf(error);
      }
      over.abort();
      if (isAborted(signal)) {
        return;
      }
      if (failure.fatal) {
        this.halt();
        this.dispatch({ type: 'refused', failure });
        return;
      }
      tries = opened !== undefined && Date.now() - opened > stable ? 0 : tries;
      const delay = Math.max(backoffDelay(tries, Math.random()), failure.retryAfter ?? 0);
      tries += 1;
      this.dispatch({ type: 'lost', failure, retryAt: Date.now() + delay });
      await pauseUntilOnline(delay, signal);
      this.dispatch({ type: 'retrying' });
    }
  }
}
