import { Failure } from '@sluice/signalling';
import type Hls from 'hls.js';
import type { ErrorDetails, HlsConfig, LoaderCallbacks, LoaderConfiguration, PlaylistLoaderContext } from 'hls.js';
import { CatchUp } from './catch-up.ts';
import { withToken } from './hls-address.ts';
import { codecName } from './hls-engine.ts';
import type { EngineListener, EngineOptions, HlsEngine, Span } from './hls-engine.ts';
import { HlsRecovery } from './hls-recovery.ts';

/** HLS by hls.js, which is loaded only here: who watches by WebRTC never downloads it. */
export class HlsJsEngine implements HlsEngine {
  readonly #options: EngineOptions;
  readonly #listener: EngineListener;
  readonly #recovery = new HlsRecovery();
  #hls: Hls | undefined;

  constructor(options: EngineOptions, listener: EngineListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get span(): Span | undefined {
    const details = this.#hls?.latestLevelDetails;
    if (details === undefined || details === null) {
      return undefined;
    }
    return { start: details.fragmentStart, end: details.edge, sync: details.live ? (this.#hls?.liveSyncPosition ?? undefined) : undefined };
  }

  get capturedAt(): number | undefined {
    return this.#hls?.playingDate?.getTime();
  }

  get behind(): number | undefined {
    const seconds = this.#hls?.latency ?? 0;
    return seconds > 0 ? seconds * 1000 : undefined;
  }

  get codecs(): readonly [string | undefined, string | undefined] {
    const hls = this.#hls;
    const level = hls?.levels[Math.max(0, hls.currentLevel)];
    return [codecName(level?.videoCodec), codecName(level?.audioCodec)];
  }

  async run(signal: AbortSignal): Promise<Failure> {
    const { default: Hls } = await import('hls.js');
    signal.throwIfAborted();
    if (!Hls.isSupported()) {
      return new Failure('unsupported', 'This browser has nothing to play HLS with.');
    }
    const { video, url, token, recorded, back, session } = this.#options;
    const base = new URL(url, globalThis.location.href).href;
    const isAtEdge = back === undefined && !recorded;
    const hls = new Hls({
      // Back in time, nobody waits for the newest part.
      lowLatencyMode: back === undefined,
      liveDurationInfinity: true,
      // How fast to play, and what to take from a stall, is CatchUp's.
      maxLiveSyncPlaybackRate: 1,
      liveSyncOnStallIncrease: 0,
      // Among parts nothing is thrown away by hls.js, but by the browser where it has no more room: a part on its way while what lies back is removed counts as
      // not loaded, and after the segment's end nothing is loaded for seconds.
      backBufferLength: isAtEdge ? Infinity : 30,
      abrEwmaDefaultEstimate: 3_000_000,
      // In a header, so that addresses stay the same for everybody; to another origin that would cost a question before each request.
      ...(new URL(base).origin === new URL(globalThis.location.href).origin ? { cmcd: { sessionId: session, useHeaders: true, includeKeys: ['sid'] } } : {}),
      ...(back === undefined ? {} : { pLoader: startingBack(Hls.DefaultConfig.loader, back) }),
    });
    this.#hls = hls;
    try {
      return await new Promise<Failure>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        const catchUp = new CatchUp(Date.now());
        if (isAtEdge) {
          video.addEventListener('timeupdate', () => {
            if (!video.paused && !video.seeking) {
              video.playbackRate = catchUp.rate({ behind: hls.latency, target: hls.targetLatency ?? Infinity, ahead: ahead(video) }, Date.now());
            }
          }, { signal });
        }
        hls.on(Hls.Events.ERROR, (_, { fatal, type, details, response }) => {
          if (!fatal && (details as string) === stalled) {
            catchUp.stalled(Date.now());
          }
          const remedy = this.#recovery.decide({ fatal, type, details, status: response?.code }, Date.now());
          switch (remedy) {
            case 'none':
              break;
            case 'reload':
              hls.startLoad();
              break;
            case 'swap':
              hls.swapAudioCodec();
              hls.recoverMediaError();
              break;
            case 'recover':
              hls.recoverMediaError();
              break;
            default:
              resolve(remedy);
          }
        });
        let first = !recorded;
        hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
          if (!first) {
            return;
          }
          first = false;
          if (!details.live) {
            // The server keeps the end of a stream for those who are about to see it. It is no beginning.
            resolve(new Failure('off-air', 'The stream is over.'));
          }
        });
        let over = recorded;
        hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => {
          if (details.advanced) {
            this.#listener.advanced();
          }
          over = !details.live;
        });
        video.addEventListener('ended', () => {
          if (over && !recorded) {
            resolve(new Failure('off-air', 'The stream is over.'));
          }
        }, { signal });
        hls.on(Hls.Events.FRAG_BUFFERED, (_, { stats }) => this.#listener.loaded(stats.total));
        const showLayers = (): void => this.#showLayers(hls);
        hls.on(Hls.Events.MANIFEST_PARSED, showLayers);
        hls.on(Hls.Events.LEVEL_SWITCHED, showLayers);
        hls.loadSource(withToken(url, token, base));
        hls.attachMedia(video);
      });
    } finally {
      this.#hls = undefined;
      hls.destroy();
      video.playbackRate = 1;
    }
  }

  selectLayer(encodingId: string | undefined): void {
    if (this.#hls !== undefined) {
      this.#hls.nextLevel = encodingId === undefined ? -1 : Number(encodingId);
    }
  }

  #showLayers(hls: Hls): void {
    const layers = hls.levels.map(({ width, height, bitrate }, index) => ({
      mediaId: '0',
      encodingId: String(index),
      width: width > 0 ? width : undefined,
      height: height > 0 ? height : undefined,
      bitrate: bitrate > 0 ? bitrate : undefined,
      active: index === hls.currentLevel,
    }));
    this.#listener.showLayers(layers.sort((a, b) => (b.height ?? 0) - (a.height ?? 0) || (b.bitrate ?? 0) - (a.bitrate ?? 0)));
  }
}

/** Seconds that can be played without anything more being loaded. */
function ahead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let each = 0; each < buffered.length; each += 1) {
    if (buffered.start(each) <= currentTime && currentTime <= buffered.end(each)) {
      return buffered.end(each) - currentTime;
    }
  }
  return 0;
}

const stalled: `${ErrorDetails.BUFFER_STALLED_ERROR}` = 'bufferStalledError';
const manifest: `${PlaylistLoaderContext['type']}` = 'manifest';

/** A loader of playlists that has the stream begin so many seconds before its end (RFC 8216bis §4.4.2.2), which hls.js takes from playlists alone. */
function startingBack(Base: HlsConfig['loader'], back: number): NonNullable<HlsConfig['pLoader']> {
  return class extends (Base as unknown as NonNullable<HlsConfig['pLoader']>) {
    override load(context: PlaylistLoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<PlaylistLoaderContext>): void {
      super.load(context, config, {
        ...callbacks,
        onSuccess: (response, stats, of, details) => {
          // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-comparison -- the enum is not among what is imported here
          if (of.type === manifest && typeof response.data === 'string') {
            response.data = `${response.data}\n#EXT-X-START:TIME-OFFSET=${(-back).toFixed(3)},PRECISE=YES\n`;
          }
          callbacks.onSuccess(response, stats, of, details);
        },
      });
    }
  };
}
