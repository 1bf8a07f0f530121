import { authorization, Connection, Failure, failureOfResponse, linkTo, negotiateCaptureTime, pause, race, withStereoOpus } from '@sluice/signalling';
import type { StatisticsEntry } from '@sluice/signalling';
import { CaptureClock } from './capture-clock.ts';
import type { Layer } from './layers.ts';
import type { Listener, Playback } from './playback.ts';
import { ServerEvents } from './server-events.ts';
import { StatisticsMeter } from './statistics.ts';

export interface WhepOptions {
  readonly url: string;
  readonly iceServers: readonly RTCIceServer[];
  readonly bufferTarget: number;
  /** How long media may take to find its way, in milliseconds; undefined for as long as it is worth. */
  readonly connectTimeout: number | undefined;
  /** Whether the stream can be had otherwise. Asked before a connection is given up that brings no picture. */
  readonly elsewhere: (signal: AbortSignal) => Promise<boolean>;
  /** The layer chosen before. */
  readonly layer: string | undefined;
}

const layerExtension = 'urn:ietf:params:whep:ext:core:layer';
const eventExtension = 'urn:ietf:params:whep:ext:core:server-sent-events';
/** No media for this long means that the publisher is away. */
const dryAfter = 2_500;
/** Somebody is on the air, and no picture has come for this long. */
const stalledAfter = 8_000;
/** After this time it is asked again whether the stream can be had otherwise. */
const askAgain = 60_000;

/** Plays over one WebRTC connection, until it is lost. */
export class WhepPlayback implements Playback {
  readonly protocol = 'webrtc';
  readonly timeline = undefined;
  readonly #options: WhepOptions;
  readonly #listener: Listener;
  #connection: Connection | undefined;
  #layers: readonly Layer[] = [];
  #layerUrl: string | undefined;
  #wantedLayer: string | undefined;
  #signal: AbortSignal | undefined;
  #onAir = false;
  #bringsNothing: (failure: Failure) => void = () => undefined;

  constructor(options: WhepOptions, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
    this.#wantedLayer = options.layer;
  }

  get peer(): RTCPeerConnection | undefined {
    return this.#connection?.peer;
  }

  async run(signal: AbortSignal): Promise<Failure> {
    this.#signal = signal;
    const connection = await this.#connect(signal);
    this.#connection = connection;
    this.#listener.opened();
    this.#listener.dispatch({ type: 'connected' });
    this.#subscribe(connection, signal);
    const stalled = new Promise<Failure>((resolve) => {
      this.#bringsNothing = resolve;
    });
    void this.#meter(connection, signal);
    return race(Promise.race([connection.ended, stalled]), signal);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  seek(): void {
    // WebRTC has no past.
  }

  resume(): void {
    this.#listener.play();
  }

  async selectLayer(encodingId: string | undefined): Promise<void> {
    this.#wantedLayer = encodingId;
    const url = this.#layerUrl;
    const signal = this.#signal;
    if (url === undefined || signal === undefined) {
      return;
    }
    const wanted = this.#layers.find((layer) => layer.encodingId === encodingId);
    const headers = authorization(this.#listener.token);
    const choose = (choice: object): Promise<Response> =>
      fetch(url, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(choice), signal });
    let response: Response;
    if (wanted === undefined) {
      response = await fetch(url, { method: 'DELETE', headers, signal });
      // Servers that know no DELETE here take the choice of none for an automatic one.
      response = [404, 405, 501].includes(response.status) ? await choose({ encodingId: null }) : response;
    } else {
      response = await choose({ mediaId: wanted.mediaId, encodingId: wanted.encodingId });
    }
    if (!response.ok) {
      throw await failureOfResponse(response);
    }
  }

  #connect(signal: AbortSignal): Promise<Connection> {
    const { url, iceServers, bufferTarget, connectTimeout } = this.#options;
    const stream = new MediaStream();
    return Connection.open({
      url: new URL(url, globalThis.location.href).href,
      token: this.#listener.token,
      signal,
      iceServers,
      ...(connectTimeout === undefined ? {} : { connectTimeout }),
      prepare: (peer) => {
        for (const kind of ['video', 'audio'] as const) {
          const transceiver = peer.addTransceiver(kind, { direction: 'recvonly' });
          negotiateCaptureTime(transceiver);
          aimForDelay(transceiver.receiver, bufferTarget);
        }
        peer.addEventListener('track', ({ track }) => {
          stream.addTrack(track);
          this.#listener.showStream(stream);
        }, { signal });
      },
      editOffer: (sdp) => withStereoOpus(sdp),
      editAnswer: (sdp) => sdp,
      onPhase: (phase) => this.#listener.dispatch({ type: phase }),
    });
  }

  #subscribe(connection: Connection, signal: AbortSignal): void {
    const { links } = connection.session;
    this.#layerUrl = linkTo(links, layerExtension)?.target;
    const link = linkTo(links, eventExtension);
    if (link === undefined) {
      return;
    }
    const events = new ServerEvents();
    events.on('active', () => {
      this.#onAir = true;
    }, signal);
    events.on('inactive', () => {
      this.#onAir = false;
      this.#listener.dispatch({ type: 'dry' });
    }, signal);
    events.on('viewers', (count) => this.#listener.showViewers(count), signal);
    events.on('layers', (layers) => {
      const first = this.#layers.length === 0;
      this.#layers = layers;
      this.#listener.showLayers(layers);
      if (first && this.#wantedLayer !== undefined) {
        this.selectLayer(this.#wantedLayer).catch(() => undefined);
      }
    }, signal);
    events.listen(link.target, link.parameters.get('events'), this.#listener.token, signal).catch(() => undefined);
  }

  async #meter(connection: Connection, signal: AbortSignal): Promise<void> {
    const meter = new StatisticsMeter();
    const clock = new CaptureClock(connection.peer, this.#listener.video, signal);
    let frames = 0;
    let bytes = 0;
    let arrived = Date.now();
    let emitted = 0;
    let playing = false;
    // Since when a picture is overdue.
    let overdue: number | undefined;
    try {
      for (;;) {
        const entries: StatisticsEntry[] = [];
        (await connection.peer.getStats()).forEach((entry: StatisticsEntry) => entries.push(entry));
        const statistics = meter.sample(entries, Date.now(), clock.delay());
        const inbound = entries.filter((entry) => entry['type'] === 'inbound-rtp');
        const received = sum(inbound, 'bytesReceived');
        const pictures = sum(inbound.filter((entry) => entry['kind'] === 'video'), 'bytesReceived');
        const hasVideo = statistics.width !== undefined;
        const progressed = hasVideo ? statistics.framesDecoded > frames : received > bytes && bytes > 0;
        const arriving = received > bytes;
        const { at } = statistics;
        // Pictures come that this browser cannot show, or nothing comes though somebody is on the air.
        const missing = statistics.framesDecoded === 0 && (pictures > 0 || (this.#onAir && received === 0));
        overdue = missing ? (overdue ?? at) : undefined;
        frames = statistics.framesDecoded;
        bytes = received;
        if (arriving) {
          arrived = at;
        }
        if (progressed && !missing) {
          playing = true;
          this.#listener.dispatch({ type: 'flowing', at });
        } else if (at - arrived >= dryAfter) {
          playing = false;
          this.#listener.dispatch({ type: 'dry' });
        }
        if (at - emitted >= 900) {
          emitted = at;
          this.#listener.showStatistics(statistics);
        }
        if (overdue !== undefined && at - overdue >= stalledAfter) {
          if (await this.#options.elsewhere(signal)) {
            this.#bringsNothing(pictures > 0
              ? new Failure('unsupported', `This browser does not decode the picture (${statistics.codec ?? 'unknown codec'}).`)
              : new Failure('stalled', 'The connection is there, but no picture comes through it.'));
          }
          overdue = at + askAgain - stalledAfter;
        }
        // Until the first picture, look often: the page shows it the moment it is there.
        await pause(playing ? 1000 : 200, signal);
      }
    } catch {
      // The connection is over; so are its statistics.
    }
  }
}

/** Some browsers are built, or told, to go without. */
export function hasWebRtc(): boolean {
  return typeof (globalThis as { RTCPeerConnection?: unknown }).RTCPeerConnection === 'function';
}

function sum(entries: readonly StatisticsEntry[], name: string): number {
  return entries.reduce((all, entry) => all + Number(entry[name] ?? 0), 0);
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
