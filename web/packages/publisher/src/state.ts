import type { Failure } from '@sluice/signalling';

export type PublisherState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting' }
  | { readonly name: 'live'; readonly since: number }
  /** `retryAt` is when the next attempt starts; undefined while one is under way. `since` is when the stream first went live. */
  | { readonly name: 'reconnecting'; readonly attempt: number; readonly retryAt: number | undefined; readonly failure: Failure | undefined; readonly since: number | undefined }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'stopped' };

export type PublisherEvent =
  | { readonly type: 'started' }
  | { readonly type: 'connected'; readonly at: number }
  | { readonly type: 'restarting' }
  | { readonly type: 'lost'; readonly failure: Failure; readonly retryAt: number }
  | { readonly type: 'retrying' }
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'stopped' };

/** Every change of state, and nothing else. An event that makes no sense in a state leaves it as it is. */
export function reduce(state: PublisherState, event: PublisherEvent): PublisherState {
  if (event.type === 'started') {
    return state.name === 'idle' || state.name === 'failed' || state.name === 'stopped' ? { name: 'connecting' } : state;
  }
  if (state.name === 'idle' || state.name === 'failed' || state.name === 'stopped') {
    return event.type === 'stopped' ? { name: 'stopped' } : state;
  }
  const since = state.name === 'connecting' ? undefined : state.since;
  const attempt = state.name === 'reconnecting' ? state.attempt : 0;
  switch (event.type) {
    case 'connected':
      return { name: 'live', since: since ?? event.at };
    case 'restarting':
      return state.name === 'live' ? { name: 'reconnecting', attempt: 0, retryAt: undefined, failure: undefined, since } : state;
    case 'lost':
      return { name: 'reconnecting', attempt: attempt + 1, retryAt: event.retryAt, failure: event.failure, since };
    case 'retrying':
      return state.name === 'reconnecting' ? { ...state, retryAt: undefined } : state;
    case 'refused':
      return { name: 'failed', failure: event.failure };
    case 'stopped':
      return { name: 'stopped' };
  }
}
