import type { Failure } from '@sluice/signalling';
import type { Layer } from './layers.ts';

/** Places on the element's own time, in seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Where a viewer of the newest picture should be; undefined in a recording. */
  readonly sync: number | undefined;
}

/** What an engine tells of its work. */
export interface EngineListener {
  /** The server has new media. */
  advanced(): void;
  loaded(bytes: number): void;
  showLayers(layers: readonly Layer[]): void;
}

export interface EngineOptions {
  readonly video: HTMLVideoElement;
  readonly url: string;
  readonly token: string | undefined;
  /** A recording, which begins at its beginning. */
  readonly recorded: boolean;
  /** Seconds back from the newest picture to begin at; undefined for the newest. */
  readonly back: number | undefined;
  /** Tells this player from others behind the same address, for the server's count of viewers. */
  readonly session: string;
}

/** What plays HLS: the browser itself, or hls.js. */
export interface HlsEngine {
  readonly span: Span | undefined;
  /** When the picture on the screen was captured, in milliseconds since the epoch; undefined while unknown. */
  readonly capturedAt: number | undefined;
  /** Milliseconds behind the newest picture the server has; undefined while unknown. */
  readonly behind: number | undefined;
  readonly codecs: readonly [video: string | undefined, audio: string | undefined];
  /** Plays until something ends it; resolves, or throws, with what. The signal makes it let go of the element. */
  run(signal: AbortSignal): Promise<Failure>;
  selectLayer(encodingId: string | undefined): void;
}

/** Names in a CODECS attribute (RFC 6381), as WebRTC would call them. */
export function codecName(codec: string | undefined): string | undefined {
  const names: Readonly<Record<string, string>> = {
    avc1: 'H264', avc3: 'H264', hvc1: 'H265', hev1: 'H265', av01: 'AV1', vp09: 'VP9', vp08: 'VP8', mp4a: 'AAC', opus: 'opus', 'ac-3': 'AC-3',
  };
  const brand = codec?.split('.')[0]?.toLowerCase();
  return brand === undefined || brand === '' ? undefined : (names[brand] ?? codec);
}
