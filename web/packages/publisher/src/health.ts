import { MeanMeter, RateMeter, statistic } from '@sluice/signalling';
import type { StatisticsEntry } from '@sluice/signalling';

export type QualityLimitation = 'none' | 'cpu' | 'bandwidth' | 'other';

export interface LayerHealth {
  readonly rid: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Bits per second. */
  readonly bitrate: number;
}

/** One second of a broadcast as the browser sees it. What the browser does not tell is undefined. */
export interface Health {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Video, all layers together and without repetitions, in bits per second. */
  readonly bitrate: number | undefined;
  readonly audioBitrate: number | undefined;
  /** What the browser believes the uplink carries, in bits per second. */
  readonly availableBitrate: number | undefined;
  /** Of the largest layer. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
  readonly codec: string | undefined;
  readonly encoder: string | undefined;
  /** Milliseconds the encoder spends on a frame. */
  readonly encodeTime: number | undefined;
  /** 0 to 1, as the server reports it. */
  readonly lossFraction: number | undefined;
  /** Milliseconds. */
  readonly roundTripTime: number | undefined;
  readonly qualityLimitation: QualityLimitation;
  /** Since the connection opened. */
  readonly retransmitRequests: number;
  readonly keyframeRequests: number;
  readonly layers: readonly LayerHealth[];
}

/** Turns successive getStats() snapshots into health. Knows no browser and no clock. */
export class HealthMeter {
  readonly #video = new RateMeter();
  readonly #audio = new RateMeter();
  readonly #encode = new MeanMeter();
  readonly #layers = new Map<string, RateMeter>();

  sample(entries: readonly StatisticsEntry[], at: number): Health {
    const outbound = entries.filter((entry) => entry['type'] === 'outbound-rtp');
    const video = outbound.filter((entry) => entry['kind'] === 'video');
    const audio = outbound.filter((entry) => entry['kind'] === 'audio');
    const remote = entries.filter((entry) => entry['type'] === 'remote-inbound-rtp');
    const pair = selectedPair(entries);
    const active = video.filter((entry) => statistic(entry, 'active', 'boolean') !== false);
    const top = active.reduce<StatisticsEntry | undefined>(
      (best, entry) => ((number(entry, 'frameHeight') ?? 0) > (number(best, 'frameHeight') ?? -1) ? entry : best),
      undefined,
    );
    const codec = entries.find((entry) => entry['id'] === top?.['codecId']);
    const roundTrip = number(pair, 'currentRoundTripTime') ?? number(remote[0], 'roundTripTime');
    const losses = remote.flatMap((entry) => number(entry, 'fractionLost') ?? []);
    const encodeTime = this.#encode.sample(total(video, 'totalEncodeTime'), total(video, 'framesEncoded'));
    return {
      at,
      bitrate: bits(this.#video.sample(mediaBytes(video), at)),
      audioBitrate: bits(this.#audio.sample(total(audio, 'bytesSent'), at)),
      availableBitrate: number(pair, 'availableOutgoingBitrate'),
      width: number(top, 'frameWidth'),
      height: number(top, 'frameHeight'),
      framesPerSecond: number(top, 'framesPerSecond'),
      codec: statistic(codec, 'mimeType', 'string')?.replace(/^video\//, ''),
      encoder: statistic(top, 'encoderImplementation', 'string'),
      encodeTime: encodeTime === undefined ? undefined : encodeTime * 1000,
      lossFraction: losses.length === 0 ? undefined : Math.max(...losses),
      roundTripTime: roundTrip === undefined ? undefined : roundTrip * 1000,
      qualityLimitation: worstLimitation(active),
      retransmitRequests: total(video, 'nackCount') ?? 0,
      keyframeRequests: (total(video, 'pliCount') ?? 0) + (total(video, 'firCount') ?? 0),
      layers: active.map((entry) => this.#layer(entry, at)).sort((a, b) => b.height - a.height),
    };
  }

  #layer(entry: StatisticsEntry, at: number): LayerHealth {
    const rid = statistic(entry, 'rid', 'string') ?? '';
    const meter = this.#layers.get(rid) ?? new RateMeter();
    this.#layers.set(rid, meter);
    return {
      rid,
      width: number(entry, 'frameWidth') ?? 0,
      height: number(entry, 'frameHeight') ?? 0,
      framesPerSecond: number(entry, 'framesPerSecond') ?? 0,
      bitrate: bits(meter.sample(mediaBytes([entry]), at)) ?? 0,
    };
  }
}

function number(entry: StatisticsEntry | undefined, name: string): number | undefined {
  return statistic(entry, name, 'number');
}

function total(entries: readonly StatisticsEntry[], name: string): number | undefined {
  const values = entries.flatMap((entry) => number(entry, name) ?? []);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** Without what was sent again: browsers also probe the network with repetitions, which would pass for media. */
function mediaBytes(entries: readonly StatisticsEntry[]): number | undefined {
  const sent = total(entries, 'bytesSent');
  return sent === undefined ? undefined : sent - (total(entries, 'retransmittedBytesSent') ?? 0);
}

function bits(bytesPerSecond: number | undefined): number | undefined {
  return bytesPerSecond === undefined ? undefined : bytesPerSecond * 8;
}

function selectedPair(entries: readonly StatisticsEntry[]): StatisticsEntry | undefined {
  const transport = entries.find((entry) => entry['type'] === 'transport');
  const id = transport?.['selectedCandidatePairId'];
  return entries.find((entry) => entry['type'] === 'candidate-pair' && (id === undefined ? entry['nominated'] === true : entry['id'] === id));
}

function worstLimitation(video: readonly StatisticsEntry[]): QualityLimitation {
  const reasons = new Set(video.map((entry) => entry['qualityLimitationReason']));
  return (['cpu', 'bandwidth', 'other'] as const).find((reason) => reasons.has(reason)) ?? 'none';
}
