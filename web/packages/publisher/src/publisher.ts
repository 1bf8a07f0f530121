import { backoffDelay, Connection, Emitter, Failure, failureOf, isAborted, negotiateCaptureTime, pause, pauseUntilOnline, withSimulcastReversed, withStartBitrate, withStereoOpus } from '@sluice/signalling';
import type { StatisticsEntry } from '@sluice/signalling';
import { preferCodec } from './codecs.ts';
import type { VideoCodec } from './codecs.ts';
import { HealthMeter } from './health.ts';
import type { Health } from './health.ts';
import { encodings, totalBitrate } from './layers.ts';
import type { SimulcastLayer } from './layers.ts';
import { reduce } from './state.ts';
import type { PublisherEvent, PublisherState } from './state.ts';

export interface PublisherOptions {
  /** The WHIP address, absolute or relative to the page. */
  readonly url: string;
  readonly key?: string;
  readonly stream: MediaStream;
  readonly videoCodec?: VideoCodec;
  /** Bits per second for the video; with layers each layer's own limit counts. */
  readonly maxBitrate?: number;
  readonly maxFramerate?: number;
  readonly audioBitrate?: number;
  /** Two or more make it simulcast. */
  readonly layers?: readonly SimulcastLayer[];
  /** `motion` keeps the frame rate, `detail` and `text` keep the picture sharp. */
  readonly contentHint?: '' | 'motion' | 'detail' | 'text';
  readonly iceServers?: readonly RTCIceServer[];
  /** Stops the publisher when it fires. */
  readonly signal?: AbortSignal;
}

export interface PublisherEvents {
  state: PublisherState;
  /** Every second while live. */
  health: Health;
}

/** A connection that lived this long was a good one: the next loss is met without delay. */
const stable = 10_000;

/** Sends a media stream to a WHIP server (RFC 9725), and keeps sending it through losses of the network. */
export class Publisher extends Emitter<PublisherEvents> {
  readonly #options: PublisherOptions;
  readonly #stream: MediaStream;
  #state: PublisherState = { name: 'idle' };
  #health: Health | undefined;
  #abort: AbortController | undefined;
  #connection: Connection | undefined;

  constructor(options: PublisherOptions) {
    super();
    this.#options = options;
    this.#stream = new MediaStream(options.stream.getTracks());
  }

  get state(): PublisherState {
    return this.#state;
  }

  get health(): Health | undefined {
    return this.#health;
  }

  /** The connection of the moment, for tests and diagnosis. */
  get peer(): RTCPeerConnection | undefined {
    return this.#connection?.peer;
  }

  /** Goes live. Does nothing when it already is, or is about to be. */
  start(): void {
    if (this.#abort !== undefined) {
      return;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.#options.signal?.addEventListener('abort', () => void this.stop(), { signal: abort.signal });
    globalThis.addEventListener('pagehide', () => void this.stop(), { signal: abort.signal });
    this.#dispatch({ type: 'started' });
    if (this.#options.signal?.aborted === true) {
      void this.stop();
      return;
    }
    void this.#run(abort.signal);
  }

  /** Ends the broadcast and tells the server. Resolves when the server has heard it. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    this.#abort = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#dispatch({ type: 'stopped' });
    await connection?.close();
  }

  /** Puts another camera, microphone or screen on the air without a new connection. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    for (const old of this.#stream.getTracks()) {
      if (old.kind === track.kind) {
        this.#stream.removeTrack(old);
      }
    }
    this.#stream.addTrack(track);
    this.#hint(track);
    const sender = this.#connection?.peer.getTransceivers().find((transceiver) => transceiver.receiver.track.kind === track.kind)?.sender;
    await sender?.replaceTrack(track);
  }

  async #run(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      try {
        const connection = await this.#connect(signal);
        this.#connection = connection;
        const opened = Date.now();
        this.#dispatch({ type: 'connected', at: opened });
        const metering = new AbortController();
        void this.#meter(connection, AbortSignal.any([signal, metering.signal]));
        const failure = await connection.ended;
        metering.abort();
        if (isAborted(signal)) {
          return;
        }
        this.#connection = undefined;
        attempt = Date.now() - opened > stable ? 0 : attempt;
        // Coming back when another publisher took over would take the channel from it, and so on without end.
        throw (await connection.close()) ?? failure;
      } catch (error) {
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
    const target = totalBitrate(options.layers ?? []) ?? options.maxBitrate;
    return Connection.open({
      url: new URL(options.url, globalThis.location.href).href,
      token: options.key,
      signal,
      iceServers: options.iceServers ?? [],
      prepare: (peer) => {
        this.#prepare(peer);
      },
      editOffer: (sdp) => sdp,
      // The encodings go from small to large, for Chromium's sake; what viewers should get goes from large to small.
      editSentOffer: withSimulcastReversed,
      editAnswer: (sdp) => {
        const stereo = withStereoOpus(sdp, options.audioBitrate);
        return target === undefined ? stereo : withStartBitrate(stereo, Math.min(target * 0.7, 2_500_000));
      },
      onPhase: (phase) => {
        if (phase === 'restarting') {
          this.#dispatch({ type: 'restarting' });
        } else {
          this.#dispatch({ type: 'connected', at: Date.now() });
        }
      },
    });
  }

  #prepare(peer: RTCPeerConnection): void {
    const { videoCodec, maxBitrate, maxFramerate, layers = [], audioBitrate } = this.#options;
    const [audio] = this.#stream.getAudioTracks();
    const [video] = this.#stream.getVideoTracks();
    if (audio === undefined && video === undefined) {
      throw new Failure('unsupported', 'There is neither a picture nor a sound to send.');
    }
    if (audio !== undefined) {
      peer.addTransceiver(audio, {
        direction: 'sendonly',
        streams: [this.#stream],
        sendEncodings: [audioBitrate === undefined ? {} : { maxBitrate: audioBitrate }],
      });
    }
    if (video !== undefined) {
      this.#hint(video);
      const transceiver = peer.addTransceiver(video, {
        direction: 'sendonly',
        streams: [this.#stream],
        sendEncodings: encodings(layers, maxBitrate, maxFramerate),
      });
      const codecs = RTCRtpSender.getCapabilities('video')?.codecs;
      if (videoCodec !== undefined && codecs !== undefined) {
        transceiver.setCodecPreferences(preferCodec(codecs, videoCodec));
      }
      negotiateCaptureTime(transceiver);
    }
  }

  #hint(track: MediaStreamTrack): void {
    if (track.kind === 'video' && this.#options.contentHint !== undefined) {
      track.contentHint = this.#options.contentHint;
    }
  }

  async #meter(connection: Connection, signal: AbortSignal): Promise<void> {
    const meter = new HealthMeter();
    try {
      for (;;) {
        const entries: StatisticsEntry[] = [];
        (await connection.peer.getStats()).forEach((entry: StatisticsEntry) => entries.push(entry));
        this.#health = meter.sample(entries, Date.now());
        this.emit('health', this.#health);
        await pause(1000, signal);
      }
    } catch {
      // The connection is over; so is its health.
    }
  }

  #dispatch(event: PublisherEvent): void {
    const next = reduce(this.#state, event);
    if (next !== this.#state) {
      this.#state = next;
      this.emit('state', next);
    }
  }
}
