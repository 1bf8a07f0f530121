import { Endeavour, Failure, failureOf, isAborted, pause } from '@sluice/signalling';
import { HlsPlayback, lookFor } from './hls-playback.ts';
import type { Layer } from './layers.ts';
import { PathMemory } from './path-memory.ts';
import type { Listener, Playback } from './playback.ts';
import { ProtocolChoice } from './protocol-choice.ts';
import type { Sequel } from './protocol-choice.ts';
import type { Protocol, ProtocolWish } from './protocol.ts';
import { reduce } from './state.ts';
import type { PlayerEvent, PlayerState } from './state.ts';
import type { Statistics } from './statistics.ts';
import { secondsBack } from './timeline.ts';
import type { Timeline } from './timeline.ts';
import { hasWebRtc, WhepPlayback } from './whep-playback.ts';

export interface PlayerOptions {
  /** The WHEP address, absolute or relative to the page. */
  readonly url?: string;
  /** The stream's HLS playlist, played where WebRTC does not get through. */
  readonly hls?: string;
  /** The playlist with all of the stream's past, where `hls` has only its last seconds. */
  readonly past?: string;
  /** A recording to be played instead of a live stream: its playlist, or an MP4 file. */
  readonly recording?: string;
  /** What to play by; `auto` unless told. */
  readonly protocol?: ProtocolWish;
  /** The watch token of a private channel. */
  readonly token?: string;
  /** Where to show it. Without one, take the stream from the `stream` event; HLS needs one. */
  readonly video?: HTMLVideoElement;
  /** Wanted delay of the receiver's buffer in milliseconds; 0, the least the network allows, unless told. */
  readonly bufferTarget?: number;
  readonly iceServers?: readonly RTCIceServer[];
  /** Closes the player when it fires. */
  readonly signal?: AbortSignal;
}

export interface PlayerEvents {
  state: PlayerState;
  /** What it plays by, each time that changes. */
  protocol: Protocol;
  /** A new stream, at first and after each new connection. */
  stream: MediaStream;
  /** Every second while connected. */
  statistics: Statistics;
  /** The past there is, and the place in it: every second, and when the viewer goes elsewhere in it. */
  timeline: Timeline;
  /** The qualities there are, best first; empty when there is but one. */
  layers: readonly Layer[];
  viewers: number;
  /** The browser would not start without a gesture, not even muted; show a button that calls `resume`. */
  blocked: undefined;
}

/** Media that gets through at all does so within this time. It is all that is given where HLS can take over. */
const briefly = 5_000;
/** How often HLS is asked whether the stream has come. */
const lookAgain = 3_000;

/**
 * Plays a live stream in a video element: by WebRTC (WHEP), or where that does not get through, by low-latency HLS. It
 * waits for absent publishers, comes back after losses of the network, and goes back in time where HLS has a past.
 */
export class Player extends Endeavour<PlayerState, PlayerEvent, PlayerEvents> {
  readonly #options: PlayerOptions;
  readonly #choice: ProtocolChoice;
  readonly #listener: Listener;
  readonly #session = Array.from(globalThis.crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  #protocol: Protocol | undefined;
  #statistics: Statistics | undefined;
  #layers: readonly Layer[] = [];
  #wantedLayer: string | undefined;
  #playback: Playback | undefined;
  #openedAt: number | undefined;
  #opened: () => void = () => undefined;
  #over = new AbortController();
  #past: { readonly seconds: number; readonly at: number } | undefined;
  #hasNoPast = false;
  #back: number | undefined;

  constructor(options: PlayerOptions) {
    super({ name: 'idle' }, reduce, options.signal);
    this.#options = options;
    const address = new URL(options.recording ?? options.url ?? options.hls ?? '', globalThis.location.href);
    const live = options.recording === undefined;
    this.#choice = new ProtocolChoice(
      { webrtc: live && options.url !== undefined && (hasWebRtc() || options.hls === undefined), hls: !live || (options.hls !== undefined && options.video !== undefined) },
      new PathMemory(address.origin),
    );
    this.#choice.wish = options.protocol ?? 'auto';
    this.#listener = {
      video: options.video,
      token: options.token,
      opened: () => this.#markOpened(),
      dispatch: (event) => this.dispatch(event),
      showStream: (stream) => this.#showStream(stream),
      showStatistics: (statistics) => this.#showStatistics(statistics),
      showLayers: (layers) => this.#showLayers(layers),
      showViewers: (count) => this.emit('viewers', count),
      showTimeline: () => this.#showTimeline(),
      play: () => void this.#play(),
    };
  }

  get statistics(): Statistics | undefined {
    return this.#statistics;
  }

  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** The chosen layer's encoding id; undefined while the server, or hls.js, chooses. */
  get selectedLayer(): string | undefined {
    return this.#wantedLayer;
  }

  /** What it plays in. */
  get video(): HTMLVideoElement | undefined {
    return this.#options.video;
  }

  /** What it plays by; undefined before it starts. */
  get protocol(): Protocol | undefined {
    return this.#protocol;
  }

  /** Why it does not play by WebRTC, where it found out by itself. */
  get fallback(): Failure | undefined {
    return this.#protocol === 'hls' && !this.rewound ? this.#choice.against : undefined;
  }

  get wish(): ProtocolWish {
    return this.#choice.wish;
  }

  /** The viewer went back in time, and has not come back. */
  get rewound(): boolean {
    return this.#choice.rewound;
  }

  /** The past there is, and the place in it; undefined where there is none. */
  get timeline(): Timeline | undefined {
    const own = this.#playback?.timeline;
    const past = this.#past === undefined || this.#options.hls === undefined ? 0 : this.#past.seconds + (Date.now() - this.#past.at) / 1000;
    if (own?.live === false || (own !== undefined && this.rewound)) {
      return { ...own, atEdge: false };
    }
    if (own === undefined) {
      return past > 0 && !this.rewound ? { live: true, length: past, position: past, atEdge: true } : undefined;
    }
    const length = Math.max(past, own.length);
    return { ...own, length, position: length - own.length + own.position };
  }

  /** The connection of the moment, for tests and diagnosis; undefined while playing HLS. */
  get peer(): RTCPeerConnection | undefined {
    return this.#playback?.peer;
  }

  /** Ends playing and tells the server. */
  async close(): Promise<void> {
    this.halt();
    this.dispatch({ type: 'closed' });
    await this.#letGo();
  }

  /** Starts the element, muted if the browser insists. Live streams resume at the newest picture, unless the viewer went back in time. */
  resume(): Promise<void> {
    if (this.#playback === undefined) {
      return this.#play();
    }
    this.#playback.resume(this.rewound);
    return Promise.resolve();
  }

  /** Chooses a layer by encoding id; undefined leaves the choice to the server. It outlives reconnections. */
  async selectLayer(encodingId: string | undefined): Promise<void> {
    this.#wantedLayer = encodingId;
    await this.#playback?.selectLayer(encodingId);
  }

  /** Chooses what to play by. */
  prefer(wish: ProtocolWish): void {
    this.#choice.wish = wish;
    if (wish !== 'hls') {
      this.#choice.forget();
    }
    this.#turn();
  }

  /** Says how much of a live stream's past there is, in seconds, while that is not known from playing it. */
  offerPast(seconds: number): void {
    if (!this.#hasNoPast) {
      this.#past = { seconds, at: Date.now() };
      this.#showTimeline();
    }
  }

  /** Goes to a place on the time line, in seconds. For a live stream, a place at its end is the newest picture. */
  seek(position: number): void {
    const { timeline } = this;
    if (timeline === undefined) {
      return;
    }
    const back = secondsBack(timeline, position);
    if (timeline.live && back === undefined) {
      this.goLive();
      return;
    }
    this.#back = back;
    const inPlace = !timeline.live || this.rewound || (this.#protocol === 'hls' && this.#options.past === undefined);
    this.#choice.rewound = timeline.live;
    if (inPlace && this.#playback?.timeline !== undefined) {
      this.#playback.seek(back);
      this.#showTimeline();
    } else {
      this.#turn();
    }
  }

  /** Back to the newest picture, and to WebRTC where it works. */
  goLive(): void {
    const fromPast = this.rewound && this.#options.past !== undefined;
    this.#choice.rewound = false;
    this.#back = undefined;
    if (fromPast || this.#choice.next(Date.now()) !== this.#protocol) {
      this.#turn();
      return;
    }
    this.#playback?.seek(undefined);
    void this.resume();
  }

  protected override end(): Promise<void> {
    return this.close();
  }

  /** Plays by one protocol after the other, until neither helps. */
  protected override async attempt(signal: AbortSignal, opened: () => void): Promise<Failure> {
    this.#opened = opened;
    for (;;) {
      const sequel = await this.#playOnce(signal);
      signal.throwIfAborted();
      if (sequel.next === 'fail') {
        return sequel.failure;
      }
      if (sequel.next === 'wait') {
        this.dispatch({ type: 'connected' });
        this.dispatch({ type: 'dry' });
        await pause(lookAgain, AbortSignal.any([signal, this.#over.signal])).catch(() => undefined);
      }
    }
  }

  async #playOnce(signal: AbortSignal): Promise<Sequel> {
    this.#over = new AbortController();
    const over = this.#over.signal;
    const now = Date.now();
    const protocol = this.#choice.next(now);
    const playback = this.#make(protocol, now);
    this.#playback = playback;
    this.#openedAt = undefined;
    if (protocol !== this.#protocol) {
      // What one protocol calls a layer means nothing to the other.
      this.#wantedLayer = undefined;
      this.#protocol = protocol;
      this.emit('protocol', protocol);
    }
    if (this.#layers.length > 0) {
      this.#showLayers([]);
    }
    let failure: Failure;
    try {
      failure = await playback.run(AbortSignal.any([signal, over]));
    } catch (error) {
      failure = failureOf(error);
    }
    if (isAborted(signal)) {
      // Closed; whoever closed it lets go.
      return { next: 'fail', failure };
    }
    await this.#letGo();
    if (isAborted(over)) {
      this.dispatch({ type: 'switching' });
      return { next: 'go-on' };
    }
    const at = Date.now();
    if (this.rewound && this.#lasted(at) === undefined && (!failure.fatal || failure.kind === 'unsupported')) {
      // There turned out to be none, or none for this browser.
      this.#hasNoPast = true;
      this.#past = undefined;
    }
    const sequel = this.#choice.ended(protocol, failure, this.#lasted(at), at);
    this.#back = this.rewound ? this.#back : undefined;
    if (sequel.next === 'go-on') {
      this.dispatch({ type: 'switching' });
    }
    return sequel;
  }

  #make(protocol: Protocol, now: number): Playback {
    const { url, hls, past, recording, iceServers, bufferTarget } = this.#options;
    if (protocol === 'hls') {
      return new HlsPlayback({ url: recording ?? (this.rewound ? past : undefined) ?? hls ?? '', recorded: recording !== undefined, back: this.#back, session: this.#session }, this.#listener);
    }
    return new WhepPlayback({
      url: url ?? '',
      iceServers: iceServers ?? [],
      bufferTarget: bufferTarget ?? 0,
      connectTimeout: this.#choice.hasAlternative(now) ? briefly : undefined,
      layer: this.#wantedLayer,
      elsewhere: async (signal) =>
        hls !== undefined && this.#choice.hasAlternative(Date.now()) &&
        typeof (await lookFor(hls, this.#options.token, false, signal).catch(failureOf)) === 'string',
    }, this.#listener);
  }

  #lasted(now: number): number | undefined {
    return this.#openedAt === undefined ? undefined : now - this.#openedAt;
  }

  /** Ends the playback of the moment; the next begins at once. */
  #turn(): void {
    this.#over.abort();
  }

  async #letGo(): Promise<void> {
    const playback = this.#playback;
    this.#playback = undefined;
    const { video } = this.#options;
    if (video?.srcObject !== undefined && video.srcObject !== null) {
      video.srcObject = null;
    }
    await playback?.close();
  }

  #markOpened(): void {
    this.#openedAt ??= Date.now();
    this.#choice.opened(this.#protocol ?? 'webrtc', this.#openedAt);
    this.#opened();
  }

  #showStream(stream: MediaStream): void {
    const { video } = this.#options;
    if (video === undefined) {
      this.emit('stream', stream);
    } else if (video.srcObject !== stream) {
      video.srcObject = stream;
      this.emit('stream', stream);
      void this.#play();
    }
  }

  #showStatistics(statistics: Statistics): void {
    this.#statistics = statistics;
    this.emit('statistics', statistics);
    if (statistics.protocol === 'webrtc') {
      this.#showTimeline();
    }
  }

  #showLayers(layers: readonly Layer[]): void {
    this.#layers = layers;
    this.emit('layers', layers);
  }

  #showTimeline(): void {
    const { timeline } = this;
    if (timeline !== undefined) {
      this.emit('timeline', timeline);
    }
  }

  async #play(): Promise<void> {
    const { video } = this.#options;
    if (video === undefined || (video.srcObject === null && video.currentSrc === '')) {
      return;
    }
    try {
      await video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') {
        return;
      }
      if (video.muted) {
        this.emit('blocked', undefined);
        return;
      }
      video.muted = true;
      await this.#play();
    }
  }
}
