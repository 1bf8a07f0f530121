import { Failure } from '@sluice/signalling';
import { withToken } from './hls-address.ts';
import type { EngineListener, EngineOptions, HlsEngine, Span } from './hls-engine.ts';

/** Apple's player keeps about this far from the newest picture; it does not say. */
const holdBack = 2;

/** HLS by the browser itself. */
export class NativeEngine implements HlsEngine {
  readonly codecs = [undefined, undefined] as const;
  readonly #options: EngineOptions;
  readonly #listener: EngineListener;

  constructor(options: EngineOptions, listener: EngineListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get span(): Span | undefined {
    const { video, recorded } = this.#options;
    const ranges = video.seekable;
    if (ranges.length === 0) {
      return undefined;
    }
    const [start, end] = [ranges.start(0), ranges.end(ranges.length - 1)];
    return { start, end, sync: recorded || Number.isFinite(video.duration) ? undefined : Math.max(start, end - holdBack) };
  }

  get capturedAt(): number | undefined {
    const { video } = this.#options;
    const start = (video as HTMLVideoElement & { getStartDate?: () => Date }).getStartDate?.().getTime() ?? Number.NaN;
    return Number.isNaN(start) ? undefined : start + video.currentTime * 1000;
  }

  get behind(): number | undefined {
    const end = this.span?.end;
    return end === undefined ? undefined : Math.max(0, end - this.#options.video.currentTime) * 1000;
  }

  async run(signal: AbortSignal): Promise<Failure> {
    const { video, url, token, recorded, back } = this.#options;
    try {
      return await new Promise<Failure>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        signal.throwIfAborted();
        let end = 0;
        let placed = back === undefined;
        video.addEventListener('progress', () => {
          const span = this.span;
          if (span !== undefined && span.end > end) {
            end = span.end;
            this.#listener.advanced();
          }
          if (!placed && span !== undefined) {
            placed = true;
            video.currentTime = Math.max(span.start, span.end - (back ?? 0));
          }
        }, { signal });
        const over = (): void => resolve(new Failure('off-air', 'The stream is over.'));
        if (!recorded) {
          video.addEventListener('ended', over, { signal });
          // What has an end already is no beginning.
          video.addEventListener('loadedmetadata', () => Number.isFinite(video.duration) && over(), { signal });
        }
        video.addEventListener('error', () => resolve(failureOfElement(video.error)), { signal });
        video.src = withToken(url, token, new URL(url, globalThis.location.href).href);
      });
    } finally {
      video.removeAttribute('src');
      video.load();
    }
  }

  selectLayer(): void {
    // The browser chooses by itself.
  }
}

function failureOfElement(error: MediaError | null): Failure {
  switch (error?.code) {
    case 2:
      return new Failure('network', 'The server cannot be reached.');
    case 3:
      return new Failure('connection-lost', 'The stream could not be decoded.');
    case 4:
      return new Failure('unsupported', 'This browser does not decode the stream.');
    default:
      return new Failure('connection-lost', 'The player had to start anew.');
  }
}

/** Safari plays low-latency HLS itself, iPhones nothing else. Where others say they can, hls.js is closer to the newest picture. */
export function prefersNative(video: HTMLVideoElement): boolean {
  const scope = globalThis as { WebKitPlaybackTargetAvailabilityEvent?: unknown; MediaSource?: unknown };
  const canPlay = video.canPlayType('application/vnd.apple.mpegurl') !== '';
  return canPlay && (scope.WebKitPlaybackTargetAvailabilityEvent !== undefined || scope.MediaSource === undefined);
}
