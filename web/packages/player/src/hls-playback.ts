import { Failure, failureOfResponse, pause, RateMeter } from '@sluice/signalling';
import { farBehind } from './catch-up.ts';
import { withToken } from './hls-address.ts';
import type { HlsEngine } from './hls-engine.ts';
import { undecodable } from './hls-codecs.ts';
import { HlsJsEngine } from './hls-js-engine.ts';
import { NativeEngine, prefersNative } from './native-engine.ts';
import type { Listener, Playback } from './playback.ts';
import type { Statistics } from './statistics.ts';
import { edgeWidth } from './timeline.ts';
import type { Timeline } from './timeline.ts';

export interface HlsOptions {
  readonly url: string;
  readonly recorded: boolean;
  /** Seconds back from the newest picture to begin at; undefined for the newest. */
  readonly back: number | undefined;
  readonly session: string;
}

/** Nothing new from the server for this long means that the publisher is away. */
const dryAfter = 6_000;
/** A stream that stands still this long is taken for over. */
const overAfter = 30_000;
/** Media comes, and the picture stands still. */
const stuckAfter = 15_000;
/** What is jumped to takes a while to load. */
const betweenJumps = 5_000;
const sampling = 250;

/** Plays HLS in an element: by the browser's own player on Safari, by hls.js elsewhere. */
export class HlsPlayback implements Playback {
  readonly protocol = 'hls';
  readonly peer = undefined;
  readonly #options: HlsOptions;
  readonly #listener: Listener;
  #engine: HlsEngine | undefined;
  #inPast: boolean;
  #jumpedAt = 0;
  #advancedAt = 0;
  #bytes = 0;

  constructor(options: HlsOptions, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
    this.#inPast = options.recorded || options.back !== undefined;
  }

  get timeline(): Timeline | undefined {
    const span = this.#engine?.span;
    const { video } = this.#listener;
    if (span === undefined || video === undefined) {
      return undefined;
    }
    const length = Math.max(0, span.end - span.start);
    const position = Math.min(length, Math.max(0, video.currentTime - span.start));
    const atEdge = span.sync !== undefined && video.currentTime >= span.sync - edgeWidth;
    return { live: !this.#options.recorded, length, position, atEdge };
  }

  async run(signal: AbortSignal): Promise<Failure> {
    const { video, token } = this.#listener;
    if (video === undefined) {
      return new Failure('unsupported', 'HLS needs a video element to play in.');
    }
    const { url, recorded, back, session } = this.#options;
    // A file is for the element alone; anything else is a playlist.
    const isFile = recorded && /\.mp4$/.test(new URL(url, globalThis.location.href).pathname);
    const playlist = isFile ? '' : await lookFor(url, token, recorded, signal);
    if (typeof playlist !== 'string') {
      return playlist;
    }
    const unplayable = undecodable(playlist, video);
    if (unplayable !== undefined) {
      return unplayable;
    }
    video.srcObject = null;
    const engine = new (isFile || prefersNative(video) ? NativeEngine : HlsJsEngine)({ video, url, token, recorded, back, session }, {
      advanced: () => {
        this.#advancedAt = Date.now();
      },
      loaded: (bytes) => {
        this.#bytes += bytes;
      },
      showLayers: (layers) => this.#listener.showLayers(layers),
    });
    this.#engine = engine;
    // Not later: hls.js skips a gap at the start only for an element that is to play.
    video.addEventListener('loadedmetadata', () => this.#listener.play(), { once: true, signal });
    const own = new AbortController();
    try {
      const both = AbortSignal.any([signal, own.signal]);
      return await Promise.race([engine.run(both), this.#meter(engine, video, both)]);
    } finally {
      own.abort();
    }
  }

  close(): Promise<void> {
    this.#engine = undefined;
    return Promise.resolve();
  }

  selectLayer(encodingId: string | undefined): Promise<void> {
    this.#engine?.selectLayer(encodingId);
    return Promise.resolve();
  }

  seek(back: number | undefined): void {
    const span = this.#engine?.span;
    const { video } = this.#listener;
    if (span !== undefined && video !== undefined) {
      this.#inPast = this.#options.recorded || back !== undefined;
      video.currentTime = back === undefined ? (span.sync ?? span.end) : Math.max(span.start, span.end - back);
    }
  }

  resume(inPast: boolean): void {
    const { timeline } = this;
    if (!inPast && timeline?.live === true && !timeline.atEdge) {
      this.seek(undefined);
    }
    this.#listener.play();
  }

  /** Returns to the newest picture after a stall. hls.js speeds up for small distances, and stays where it is for large ones. */
  #keepUp(engine: HlsEngine, video: HTMLVideoElement, now: number): void {
    const sync = engine.span?.sync;
    if (!this.#inPast && !video.paused && sync !== undefined && sync - video.currentTime > farBehind && now - this.#jumpedAt > betweenJumps) {
      this.#jumpedAt = now;
      video.currentTime = sync;
    }
  }

  /** Watches the element; resolves when nothing more is to be expected of it. */
  async #meter(engine: HlsEngine, video: HTMLVideoElement, signal: AbortSignal): Promise<Failure> {
    const { recorded } = this.#options;
    const frames = new RateMeter();
    const bytes = new RateMeter();
    let position = video.currentTime;
    let moved = Date.now();
    let opened = false;
    let emitted = 0;
    this.#advancedAt = moved;
    for (;;) {
      await pause(sampling, signal);
      const at = Date.now();
      if (video.currentTime !== position && video.readyState >= 2) {
        position = video.currentTime;
        moved = at;
        if (!opened) {
          opened = true;
          this.#listener.opened();
        }
        this.#listener.dispatch({ type: 'flowing', at });
        this.#keepUp(engine, video, at);
      } else if (video.paused && (opened || video.readyState >= 2)) {
        // Who holds the picture wants it to stand still.
        moved = at;
        this.#listener.dispatch({ type: 'flowing', at });
      } else if (!recorded) {
        const still = at - moved;
        const dry = at - Math.max(moved, this.#advancedAt);
        if (dry >= overAfter) {
          return new Failure('off-air', 'The stream is over.');
        }
        if (dry >= dryAfter) {
          this.#listener.dispatch({ type: 'dry' });
        } else if (still >= stuckAfter) {
          return new Failure('stalled', 'Media comes, but the picture stands still.');
        }
      }
      if (at - emitted >= 900) {
        emitted = at;
        const played = video.getVideoPlaybackQuality();
        this.#listener.showStatistics(sample(engine, video, at, frames.sample(played.totalVideoFrames, at), bytes.sample(this.#bytes, at), played));
        this.#listener.showTimeline();
      }
    }
  }
}

/** The playlist, or why there is none. */
export async function lookFor(url: string, token: string | undefined, recorded: boolean, signal: AbortSignal): Promise<string | Failure> {
  const base = new URL(url, globalThis.location.href).href;
  const response = await fetch(withToken(url, token, base), { signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) });
  const text = response.ok ? await response.text() : '';
  if (text.startsWith('#EXTM3U')) {
    return text;
  }
  if (recorded) {
    return response.ok ? new Failure('rejected', 'This is no recording.') : failureOfResponse(response);
  }
  if (response.status === 501) {
    // What is not on the air may come; this will not.
    return new Failure('unsupported', (await failureOfResponse(response)).detail, { status: response.status });
  }
  if (response.ok || response.status === 404 || response.status === 410) {
    const { retryAfter } = await failureOfResponse(response);
    return new Failure('off-air', 'There is nothing on the air.', { status: response.status, retryAfter });
  }
  return failureOfResponse(response);
}

function sample(engine: HlsEngine, video: HTMLVideoElement, at: number, framesPerSecond: number | undefined, bytesPerSecond: number | undefined, played: VideoPlaybackQuality): Statistics {
  const [codec, audioCodec] = engine.codecs;
  const { capturedAt, behind } = engine;
  const measured = capturedAt === undefined ? undefined : at - capturedAt;
  const hasPicture = video.videoWidth > 0;
  return {
    protocol: 'hls',
    at,
    width: hasPicture ? video.videoWidth : undefined,
    height: hasPicture ? video.videoHeight : undefined,
    framesPerSecond,
    codec,
    audioCodec,
    bitrate: bytesPerSecond === undefined ? undefined : bytesPerSecond * 8,
    audioBitrate: undefined,
    packetsLost: 0,
    lossFraction: undefined,
    retransmitRequests: 0,
    keyframeRequests: 0,
    jitter: undefined,
    jitterBufferDelay: bufferedAhead(video),
    decodeTime: undefined,
    roundTripTime: undefined,
    framesDecoded: played.totalVideoFrames,
    framesDropped: played.droppedVideoFrames,
    freezeCount: 0,
    freezeDuration: 0,
    // Clocks that are wrong give an age that cannot be: older than the newest picture by far, or not yet drawn.
    latency: measured !== undefined && measured > 0 && measured < 30_000
      ? { milliseconds: measured, source: 'capture-clock' }
      : behind === undefined ? undefined : { milliseconds: behind, source: 'estimate' },
  };
}

/** Milliseconds of media that wait to be shown. */
function bufferedAhead(video: HTMLVideoElement): number | undefined {
  const { buffered, currentTime } = video;
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= currentTime && currentTime <= buffered.end(index)) {
      return (buffered.end(index) - currentTime) * 1000;
    }
  }
  return undefined;
}
