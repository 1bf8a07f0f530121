import { Connection, Endeavour, Failure, negotiateCaptureTime, pause, withSimulcastReversed, withStartBitrate, withStereoOpus } from '@sluice/signalling';
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

/** Sends a media stream to a WHIP server (RFC 9725), and keeps sending it through losses of the network. */
export class Publisher extends Endeavour<PublisherState, PublisherEvent, PublisherEvents> {
  readonly #options: PublisherOptions;
  readonly #stream: MediaStream;
  #health: Health | undefined;
  #connection: Connection | undefined;

  constructor(options: PublisherOptions) {
    super({ name: 'idle' }, reduce, options.signal);
    this.#options = options;
    this.#stream = new MediaStream(options.stream.getTracks());
  }

  get health(): Health | undefined {
    return this.#health;
  }

  /** The connection of the moment, for tests and diagnosis. */
  get peer(): RTCPeerConnection | undefined {
    return this.#connection?.peer;
  }

  /** Ends the broadcast and tells the server. Resolves when the server has heard it. */
  async stop(): Promise<void> {
    this.halt();
    const connection = this.#connection;
    this.#connection = undefined;
    this.dispatch({ type: 'stopped' });
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

  protected override end(): Promise<void> {
    return this.stop();
  }

  protected override async attempt(signal: AbortSignal, opened: () => void): Promise<Failure> {
    const connection = await this.#connect(signal);
    this.#connection = connection;
    opened();
    this.dispatch({ type: 'connected', at: Date.now() });
    void this.#meter(connection, signal);
    const failure = await connection.ended;
    this.#connection = undefined;
    // Coming back when another publisher took over would take the channel from it, and so on without end.
    return (await connection.close()) ?? failure;
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
          this.dispatch({ type: 'restarting' });
        } else {
          this.dispatch({ type: 'connected', at: Date.now() });
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
}
