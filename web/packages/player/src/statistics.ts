import { MeanMeter, RateMeter, statistic } from '@sluice/signalling';
import type { StatisticsEntry } from '@sluice/signalling';
import type { Protocol } from './protocol.ts';

export interface Latency {
  readonly milliseconds: number;
  /** `capture-clock`: measured from the clock in the packets. `estimate`: buffer, decoding and half the round trip to the server. */
  readonly source: 'capture-clock' | 'estimate';
}

/** One second of playing. What the browser does not tell is undefined. */
export interface Statistics {
  readonly protocol: Protocol;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
  readonly codec: string | undefined;
  readonly audioCodec: string | undefined;
  /** Bits per second. */
  readonly bitrate: number | undefined;
  readonly audioBitrate: number | undefined;
  readonly packetsLost: number;
  /** 0 to 1, over the last second. */
  readonly lossFraction: number | undefined;
  readonly retransmitRequests: number;
  readonly keyframeRequests: number;
  /** Milliseconds. */
  readonly jitter: number | undefined;
  readonly jitterBufferDelay: number | undefined;
  readonly decodeTime: number | undefined;
  readonly roundTripTime: number | undefined;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly freezeCount: number;
  /** Milliseconds, in all. */
  readonly freezeDuration: number;
  readonly latency: Latency | undefined;
}

/** Turns successive getStats() snapshots into statistics. Knows no browser and no clock. */
export class StatisticsMeter {
  readonly #video = new RateMeter();
  readonly #audio = new RateMeter();
  readonly #received = new RateMeter();
  readonly #lost = new RateMeter();
  readonly #buffer = new MeanMeter();
  readonly #decode = new MeanMeter();
  readonly #processing = new MeanMeter();

  /** `measured` is the delay read off the capture clock, in milliseconds, where there is one. */
  sample(entries: readonly StatisticsEntry[], at: number, measured?: number): Statistics {
    const inbound = entries.filter((entry) => entry['type'] === 'inbound-rtp');
    const video = inbound.find((entry) => entry['kind'] === 'video');
    const audio = inbound.find((entry) => entry['kind'] === 'audio');
    const main = video ?? audio;
    const roundTrip = number(selectedPair(entries), 'currentRoundTripTime');
    const bufferDelay = this.#buffer.sample(number(main, 'jitterBufferDelay'), number(main, 'jitterBufferEmittedCount'));
    const decodeTime = this.#decode.sample(number(video, 'totalDecodeTime'), number(video, 'framesDecoded'));
    const processing = this.#processing.sample(number(video, 'totalProcessingDelay'), number(video, 'framesDecoded'));
    const jitter = number(main, 'jitter');
    return {
      protocol: 'webrtc',
      at,
      width: number(video, 'frameWidth'),
      height: number(video, 'frameHeight'),
      framesPerSecond: number(video, 'framesPerSecond'),
      codec: codecName(entries, video),
      audioCodec: codecName(entries, audio),
      bitrate: bits(this.#video.sample(number(video, 'bytesReceived'), at)),
      audioBitrate: bits(this.#audio.sample(number(audio, 'bytesReceived'), at)),
      packetsLost: Math.max(0, number(main, 'packetsLost') ?? 0),
      lossFraction: this.#loss(main, at),
      retransmitRequests: number(video, 'nackCount') ?? 0,
      keyframeRequests: (number(video, 'pliCount') ?? 0) + (number(video, 'firCount') ?? 0),
      jitter: milliseconds(jitter),
      jitterBufferDelay: milliseconds(bufferDelay),
      decodeTime: milliseconds(decodeTime),
      roundTripTime: milliseconds(roundTrip),
      framesDecoded: number(video, 'framesDecoded') ?? 0,
      framesDropped: number(video, 'framesDropped') ?? 0,
      freezeCount: number(video, 'freezeCount') ?? 0,
      freezeDuration: milliseconds(number(video, 'totalFreezesDuration')) ?? 0,
      latency: latency(measured, processing ?? bufferDelay, roundTrip),
    };
  }

  #loss(main: StatisticsEntry | undefined, at: number): number | undefined {
    const received = this.#received.sample(number(main, 'packetsReceived'), at);
    const lost = this.#lost.sample(number(main, 'packetsLost'), at) ?? 0;
    return received === undefined || received + lost <= 0 ? undefined : lost / (received + lost);
  }
}

/** A measured delay is believed when it can be true: clocks that are minutes apart, or in the future, say nothing. */
function latency(measured: number | undefined, receiving: number | undefined, roundTrip: number | undefined): Latency | undefined {
  if (measured !== undefined && measured > 0 && measured < 30_000) {
    return { milliseconds: measured, source: 'capture-clock' };
  }
  return receiving === undefined ? undefined : { milliseconds: (receiving + (roundTrip ?? 0) / 2) * 1000, source: 'estimate' };
}

function number(entry: StatisticsEntry | undefined, name: string): number | undefined {
  return statistic(entry, name, 'number');
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function bits(bytesPerSecond: number | undefined): number | undefined {
  return bytesPerSecond === undefined ? undefined : bytesPerSecond * 8;
}

function codecName(entries: readonly StatisticsEntry[], stream: StatisticsEntry | undefined): string | undefined {
  const codec = stream === undefined ? undefined : entries.find((entry) => entry['id'] === stream['codecId']);
  return statistic(codec, 'mimeType', 'string')?.replace(/^\w+\//, '');
}

function selectedPair(entries: readonly StatisticsEntry[]): StatisticsEntry | undefined {
  const transport = entries.find((entry) => entry['type'] === 'transport');
  const id = transport?.['selectedCandidatePairId'];
  return entries.find((entry) => entry['type'] === 'candidate-pair' && (id === undefined ? entry['nominated'] === true : entry['id'] === id));
}
