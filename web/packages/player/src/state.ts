import type { Failure } from '@sluice/signalling';

export type PlayerState =
  | { readonly name: 'idle' }
  /** Until the first picture, or until it is known that there is none. */
  | { readonly name: 'connecting' }
  /** Connected, but nobody publishes. Playing begins by itself. */
  | { readonly name: 'waiting' }
  | { readonly name: 'playing'; readonly since: number }
  /** `retryAt` is when the next attempt starts; undefined while one is under way. */
  | { readonly name: 'reconnecting'; readonly attempt: number; readonly retryAt: number | undefined; readonly failure: Failure | undefined }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'closed' };

export type PlayerEvent =
  | { readonly type: 'started' }
  /** The connection is up; a picture, or word of the publisher's absence, follows. */
  | { readonly type: 'connected' }
  /** Media came in. */
  | { readonly type: 'flowing'; readonly at: number }
  /** Another protocol takes over. */
  | { readonly type: 'switching' }
  /** None did for a while, or the server said that the publisher left. */
  | { readonly type: 'dry' }
  | { readonly type: 'restarting' }
  | { readonly type: 'lost'; readonly failure: Failure; readonly retryAt: number }
  | { readonly type: 'retrying' }
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'closed' };

/** Every change of state, and nothing else. An event that makes no sense in a state leaves it as it is. */
export function reduce(state: PlayerState, event: PlayerEvent): PlayerState {
  if (event.type === 'started') {
    return state.name === 'idle' || state.name === 'failed' || state.name === 'closed' ? { name: 'connecting' } : state;
  }
  if (state.name === 'idle' || state.name === 'failed' || state.name === 'closed') {
    return event.type === 'closed' ? { name: 'closed' } : state;
  }
  switch (event.type) {
    case 'connected':
      return state.name === 'reconnecting' ? { name: 'connecting' } : state;
    case 'flowing':
      return state.name === 'playing' ? state : { name: 'playing', since: event.at };
    case 'dry':
      return state.name === 'playing' || state.name === 'connecting' ? { name: 'waiting' } : state;
    case 'switching':
      return state.name === 'playing' ? { name: 'connecting' } : state;
    case 'restarting':
      return state.name === 'reconnecting' ? state : { name: 'reconnecting', attempt: 0, retryAt: undefined, failure: undefined };
    case 'lost':
      return {
        name: 'reconnecting',
        attempt: (state.name === 'reconnecting' ? state.attempt : 0) + 1,
        retryAt: event.retryAt,
        failure: event.failure,
      };
    case 'retrying':
      return state.name === 'reconnecting' ? { ...state, retryAt: undefined } : state;
    case 'refused':
      return { name: 'failed', failure: event.failure };
    case 'closed':
      return { name: 'closed' };
  }
}
