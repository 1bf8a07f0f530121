import { backoffDelay, Connection, Emitter, failureOf, failureOfResponse, isAborted, linkTo, negotiateCaptureTime, pause, pauseUntilOnline, withStereoOpus } from '@sluice/signalling';
import type { StatisticsEntry } from '@sluice/signalling';
import { CaptureClock } from './capture-clock.ts';
import type { Layer } from './layers.ts';
import { ServerEvents } from './server-events.ts';
import { reduce } from './state.ts';
import type { PlayerEvent, PlayerState } from './state.ts';
import { StatisticsMeter } from './statistics.ts';
import type { Statistics } from './statistics.ts';

export interface PlayerOptions {
  /** The WHEP address, absolute or relative to the page. */
  readonly url: string;
  /** The watch token of a private channel. */
  readonly token?: string;
  /** Where to show it. Without one, take the stream from the `stream` event. */
  readonly video?: HTMLVideoElement;
  /** Wanted delay of the receiver's buffer in milliseconds; 0, the least the network allows, unless told. */
  readonly bufferTarget?: number;
  readonly iceServers?: readonly RTCIceServer[];
  /** Closes the player when it fires. */
  readonly signal?: AbortSignal;
}

export interface PlayerEvents {
  state: PlayerState;
  /** A new stream, at first and after each new connection. */
  stream: MediaStream;
  /** Every second while connected. */
  statistics: Statistics;
  /** The qualities there are, best first; empty when there is but one. */
  layers: readonly Layer[];
  viewers: number;
  /** The browser would not start without a gesture, not even muted; show a button that calls `resume`. */
  blocked: undefined;
}

const layerExtension = 'urn:ietf:params:whep:ext:core:layer';
const eventExtension = 'urn:ietf:params:whep:ext:core:server-sent-events';
const stable = 10_000;
/** No media for this long means that the publisher is away. */
const dryAfter = 2_500;

/** Plays a WHEP stream into a video element, waits for absent publishers, and comes back after losses of the network. */
export class Player extends Emitter<PlayerEvents> {
  readonly #options: PlayerOptions;
  #state: PlayerState = { name: 'idle' };
  #statistics: Statistics | undefined;
  #layers: readonly Layer[] = [];
  #wantedLayer: string | undefined;
  #layerUrl: string | undefined;
  #abort: AbortController | undefined;
  #connection: Connection | undefined;

  constructor(options: PlayerOptions) {
    super();
    this.#options = options;
  }

  get state(): PlayerState {
    return this.#state;
  }

  get statistics(): Statistics | undefined {
    return this.#statistics;
  }

  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** The chosen layer's encoding id; undefined while the server chooses. */
  get selectedLayer(): string | undefined {
    return this.#wantedLayer;
  }

  /** The connection of the moment, for tests and diagnosis. */
  get peer(): RTCPeerConnection | undefined {
    return this.#connection?.peer;
  }

  start(): void {
    if (this.#abort !== undefined) {
      return;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.#options.signal?.addEventListener('abort', () => void this.close(), { signal: abort.signal });
    globalThis.addEventListener('pagehide', () => void this.close(), { signal: abort.signal });
    this.#dispatch({ type: 'started' });
    if (this.#options.signal?.aborted === true) {
      void this.close();
      return;
    }
    void this.#run(abort.signal);
  }

  /** Ends playing and tells the server. */
  async close(): Promise<void> {
    this.#abort?.abort();
    this.#abort = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#dispatch({ type: 'closed' });
    const { video } = this.#options;
    if (video !== undefined) {
      video.srcObject = null;
    }
    await connection?.close();
  }

  /** Starts the element, muted if the browser insists. Live streams resume at the newest picture. */
  async resume(): Promise<void> {
    const { video } = this.#options;
    if (video === undefined || video.srcObject === null) {
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
      await this.resume();
    }
  }

  /** Chooses a layer by encoding id; undefined lets the server choose. The choice outlives reconnections. */
  async selectLayer(encodingId: string | undefined): Promise<void> {
    this.#wantedLayer = encodingId;
    await this.#sendLayer();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      const session = new AbortController();
      const both = AbortSignal.any([signal, session.signal]);
      try {
        const connection = await this.#connect(both);
        this.#connection = connection;
        const opened = Date.now();
        this.#dispatch({ type: 'connected' });
        this.#subscribe(connection, both);
        void this.#meter(connection, both);
        const failure = await connection.ended;
        this.#connection = undefined;
        void connection.close();
        attempt = Date.now() - opened > stable ? 0 : attempt;
        throw failure;
      } catch (error) {
        session.abort();
        if (isAborted(signal)) {
          return;
        }
        const failure = failureOf(error);
        if (failure.fatal) {
          this.#abort?.abort();
          this.#abort = undefined;
          this.#dispatch({ type: 'refused', failure });
          return;
        }
        const delay = Math.max(backoffDelay(attempt, Math.random()), failure.retryAfter ?? 0);
        attempt += 1;
        this.#dispatch({ type: 'lost', failure, retryAt: Date.now() + delay });
        await pauseUntilOnline(delay, signal);
        this.#dispatch({ type: 'retrying' });
      }
    }
  }

  #connect(signal: AbortSignal): Promise<Connection> {
    const options = this.#options;
    const stream = new MediaStream();
    return Connection.open({
      url: new URL(options.url, globalThis.location.href).href,
      token: options.token,
      signal,
      iceServers: options.iceServers ?? [],
      prepare: (peer) => {
        for (const kind of ['video', 'audio'] as const) {
          const transceiver = peer.addTransceiver(kind, { direction: 'recvonly' });
          negotiateCaptureTime(transceiver);
          aimForDelay(transceiver.receiver, options.bufferTarget ?? 0);
        }
        peer.addEventListener('track', ({ track }) => {
          stream.addTrack(track);
          this.#show(stream);
        }, { signal });
      },
      editOffer: (sdp) => withStereoOpus(sdp),
      editAnswer: (sdp) => sdp,
      onPhase: (phase) => this.#dispatch({ type: phase }),
    });
  }

  #show(stream: MediaStream): void {
    const { video } = this.#options;
    if (video !== undefined && video.srcObject !== stream) {
      video.srcObject = stream;
      this.emit('stream', stream);
      void this.resume();
    } else if (video === undefined) {
      this.emit('stream', stream);
    }
  }

  #subscribe(connection: Connection, signal: AbortSignal): void {
    const { links } = connection.session;
    this.#layerUrl = linkTo(links, layerExtension)?.target;
    const link = linkTo(links, eventExtension);
    if (link === undefined) {
      return;
    }
    const events = new ServerEvents();
    events.on('inactive', () => this.#dispatch({ type: 'dry' }), signal);
    events.on('viewers', (count) => this.emit('viewers', count), signal);
    events.on('layers', (layers) => {
      const first = this.#layers.length === 0;
      this.#layers = layers;
      this.emit('layers', layers);
      if (first && this.#wantedLayer !== undefined) {
        void this.#sendLayer();
      }
    }, signal);
    this.#layers = [];
    events.listen(link.target, link.parameters.get('events'), this.#options.token, signal).catch(() => undefined);
  }

  async #sendLayer(): Promise<void> {
    const url = this.#layerUrl;
    const signal = this.#abort?.signal;
    if (url === undefined || signal === undefined) {
      return;
    }
    const wanted = this.#layers.find((layer) => layer.encodingId === this.#wantedLayer);
    const { token } = this.#options;
    const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const choose = (choice: object): Promise<Response> =>
      fetch(url, { method: 'POST', headers: { ...authorization, 'Content-Type': 'application/json' }, body: JSON.stringify(choice), signal });
    let response: Response;
    if (wanted === undefined) {
      response = await fetch(url, { method: 'DELETE', headers: authorization, signal });
      // Servers that know no DELETE here take the choice of none for an automatic one.
      response = [404, 405, 501].includes(response.status) ? await choose({ encodingId: null }) : response;
    } else {
      response = await choose({ mediaId: wanted.mediaId, encodingId: wanted.encodingId });
    }
    if (!response.ok) {
      throw await failureOfResponse(response);
    }
  }

  async #meter(connection: Connection, signal: AbortSignal): Promise<void> {
    const meter = new StatisticsMeter();
    const clock = new CaptureClock(connection.peer, this.#options.video, signal);
    let frames = 0;
    let bytes = 0;
    let arrived = Date.now();
    let emitted = 0;
    try {
      for (;;) {
        const entries: StatisticsEntry[] = [];
        (await connection.peer.getStats()).forEach((entry: StatisticsEntry) => entries.push(entry));
        const statistics = meter.sample(entries, Date.now(), clock.delay());
        const received = entries.reduce((sum, entry) => sum + (entry['type'] === 'inbound-rtp' ? Number(entry['bytesReceived'] ?? 0) : 0), 0);
        const hasVideo = statistics.width !== undefined;
        const progressed = hasVideo ? statistics.framesDecoded > frames : received > bytes && bytes > 0;
        const arriving = received > bytes;
        frames = statistics.framesDecoded;
        bytes = received;
        this.#statistics = statistics;
        if (arriving) {
          arrived = statistics.at;
        }
        if (progressed) {
          this.#dispatch({ type: 'flowing', at: statistics.at });
        } else if (statistics.at - arrived >= dryAfter) {
          this.#dispatch({ type: 'dry' });
        }
        if (statistics.at - emitted >= 900) {
          emitted = statistics.at;
          this.emit('statistics', statistics);
        }
        // Until the first picture, look often: the page shows it the moment it is there.
        await pause(this.#state.name === 'playing' ? 1000 : 200, signal);
      }
    } catch {
      // The connection is over; so are its statistics.
    }
  }

  #dispatch(event: PlayerEvent): void {
    const next = reduce(this.#state, event);
    if (next !== this.#state) {
      this.#state = next;
      this.emit('state', next);
    }
  }
}

/** Browsers add delay by default to smooth jitter; a live viewer rather wants the least that works. */
function aimForDelay(receiver: RTCRtpReceiver, milliseconds: number): void {
  const hinted = receiver as unknown as { jitterBufferTarget?: number | null; playoutDelayHint?: number | null };
  if ('jitterBufferTarget' in receiver) {
    hinted.jitterBufferTarget = milliseconds;
  }
  if ('playoutDelayHint' in receiver) {
    hinted.playoutDelayHint = milliseconds / 1000;
  }
}
