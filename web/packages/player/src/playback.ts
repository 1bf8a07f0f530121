import type { Failure } from '@sluice/signalling';
import type { Layer } from './layers.ts';
import type { Protocol } from './protocol.ts';
import type { PlayerEvent } from './state.ts';
import type { Statistics } from './statistics.ts';
import type { Timeline } from './timeline.ts';

/** What a playback tells its player. */
export interface Listener {
  readonly video: HTMLVideoElement | undefined;
  readonly token: string | undefined;
  /** Media can flow. */
  opened(): void;
  dispatch(event: PlayerEvent): void;
  showStream(stream: MediaStream): void;
  showStatistics(statistics: Statistics): void;
  showLayers(layers: readonly Layer[]): void;
  showViewers(count: number): void;
  showTimeline(): void;
  /** Starts the element, muted if the browser insists. */
  play(): void;
}

/** One way of playing, once. Its player starts another when it is over. */
export interface Playback {
  readonly protocol: Protocol;
  /** The past that can be returned to; undefined where it has none. */
  readonly timeline: Timeline | undefined;
  readonly peer: RTCPeerConnection | undefined;
  /** Plays until something ends it; resolves, or throws, with what. */
  run(signal: AbortSignal): Promise<Failure>;
  /** Lets go of the element, and tells the server. */
  close(): Promise<void>;
  selectLayer(encodingId: string | undefined): Promise<void>;
  /** Goes back so many seconds from the end of the time line; undefined is the newest picture. */
  seek(back: number | undefined): void;
  /** Goes on after a pause: at the newest picture, unless the viewer is in the past. */
  resume(inPast: boolean): void;
}
