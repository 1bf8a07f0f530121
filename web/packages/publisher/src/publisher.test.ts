import { Failure } from '@sluice/signalling';
import { describe, expect, it } from 'vitest';
import { preferCodec } from './codecs.ts';
import { HealthMeter } from './health.ts';
import { defaultLayers, encodings, totalBitrate } from './layers.ts';
import { reduce } from './state.ts';
import type { PublisherEvent, PublisherState } from './state.ts';

const failure = new Failure('network', 'gone');
const after = (...events: PublisherEvent[]): PublisherState => events.reduce(reduce, { name: 'idle' });
const started = { type: 'started' } as const;
const connected = { type: 'connected', at: 100 } as const;
const lost = { type: 'lost', failure, retryAt: 500 } as const;

describe('publisher state', () => {
  it('goes live', () => {
    expect(after(started, connected)).toEqual({ name: 'live', since: 100 });
  });

  it('remembers through a loss when it went live', () => {
    expect(after(started, connected, lost, { type: 'retrying' }, { type: 'connected', at: 900 })).toEqual({ name: 'live', since: 100 });
  });

  it('counts attempts, and forgets them once live', () => {
    expect(after(started, lost, lost, lost)).toMatchObject({ name: 'reconnecting', attempt: 3, since: undefined });
    expect(after(started, connected, lost, lost, connected, lost)).toMatchObject({ attempt: 1 });
  });

  it('says when it tries again, and when it is trying', () => {
    expect(after(started, lost)).toMatchObject({ retryAt: 500 });
    expect(after(started, lost, { type: 'retrying' })).toMatchObject({ retryAt: undefined, failure });
  });

  it('stays where a refusal or a stop put it', () => {
    for (const end of [{ type: 'stopped' }, { type: 'refused', failure }] as const) {
      const ended = after(started, connected, end);
      for (const late of [connected, lost, { type: 'retrying' }, { type: 'restarting' }] as const) {
        expect(reduce(ended, late)).toBe(ended);
      }
    }
  });

  it('can be started again after its end', () => {
    expect(after(started, { type: 'refused', failure }, started)).toEqual({ name: 'connecting' });
    expect(after(started, { type: 'stopped' }, started)).toEqual({ name: 'connecting' });
  });

  it('is not disturbed by a second start', () => {
    const live = after(started, connected);
    expect(reduce(live, started)).toBe(live);
  });

  it('does not call a restart before the first connection a reconnection', () => {
    expect(after(started, { type: 'restarting' })).toEqual({ name: 'connecting' });
  });
});

describe('layers', () => {
  it('offers none too small to watch', () => {
    expect(defaultLayers(1080, 4_000_000).map((layer) => layer.rid)).toEqual(['h', 'm', 'l']);
    expect(defaultLayers(480, 1_000_000).map((layer) => layer.rid)).toEqual(['h', 'm']);
    expect(defaultLayers(240, 500_000).map((layer) => layer.rid)).toEqual(['h']);
  });

  it('sends one layer without a rid', () => {
    expect(encodings(defaultLayers(240, 500_000), 900_000, 30)).toEqual([{ maxBitrate: 500_000, maxFramerate: 30 }]);
    expect(encodings([], 900_000, undefined)).toEqual([{ maxBitrate: 900_000 }]);
    expect(encodings([], undefined, undefined)).toEqual([{}]);
  });

  it('puts the smallest first whatever the order', () => {
    expect(encodings([...defaultLayers(720, 2_000_000)], undefined, undefined).map((each) => each.rid)).toEqual(['l', 'm', 'h']);
  });

  it('knows no total of no layers', () => {
    expect(totalBitrate([])).toBeUndefined();
    expect(totalBitrate(defaultLayers(720, 2_000_000))).toBe(2_780_000);
  });
});

describe('codec preference', () => {
  const codecs = ['video/VP8', 'video/rtx', 'video/H264', 'video/h264', 'video/AV1'].map((mimeType) => ({ mimeType }));

  it('moves every profile of the wanted codec to the front and loses none', () => {
    expect(preferCodec(codecs, 'H264').map((codec) => codec.mimeType)).toEqual(['video/H264', 'video/h264', 'video/VP8', 'video/rtx', 'video/AV1']);
  });

  it('changes nothing for a codec that is not there', () => {
    expect(preferCodec(codecs, 'H265')).toEqual(codecs);
  });
});

describe('health', () => {
  const snapshot = (bytes: number, more: object = {}) => [
    { type: 'outbound-rtp', kind: 'video', id: 'v', codecId: 'c', bytesSent: bytes, frameWidth: 1280, frameHeight: 720, framesPerSecond: 30, framesEncoded: bytes / 1000, totalEncodeTime: bytes / 100_000, qualityLimitationReason: 'none', nackCount: 3, ...more },
    { type: 'outbound-rtp', kind: 'audio', id: 'a', bytesSent: bytes / 10 },
    { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.02, roundTripTime: 0.04 },
    { type: 'codec', id: 'c', mimeType: 'video/H264' },
  ];

  it('turns counters into bits per second', () => {
    const meter = new HealthMeter();
    expect(meter.sample(snapshot(100_000), 0).bitrate).toBeUndefined();
    expect(meter.sample(snapshot(350_000), 1000)).toMatchObject({ bitrate: 2_000_000, audioBitrate: 200_000, codec: 'H264', width: 1280, lossFraction: 0.02, roundTripTime: 40, encodeTime: 10, retransmitRequests: 3 });
  });

  it('does not take probing by repetition for media', () => {
    const meter = new HealthMeter();
    meter.sample(snapshot(100_000, { retransmittedBytesSent: 0 }), 0);
    expect(meter.sample(snapshot(350_000, { retransmittedBytesSent: 200_000 }), 1000).bitrate).toBe(400_000);
  });

  it('adds up simulcast layers, shows the largest, and leaves out paused ones', () => {
    const meter = new HealthMeter();
    const layers = (bytes: number) => [
      { type: 'outbound-rtp', kind: 'video', rid: 'l', bytesSent: bytes, frameWidth: 320, frameHeight: 180, active: true, qualityLimitationReason: 'bandwidth' },
      { type: 'outbound-rtp', kind: 'video', rid: 'h', bytesSent: 3 * bytes, frameWidth: 1280, frameHeight: 720, active: true, qualityLimitationReason: 'none' },
      { type: 'outbound-rtp', kind: 'video', rid: 'x', bytesSent: 0, frameWidth: 1920, frameHeight: 1080, active: false, qualityLimitationReason: 'none' },
    ];
    meter.sample(layers(0), 0);
    const health = meter.sample(layers(1000), 1000);
    expect(health).toMatchObject({ bitrate: 32_000, height: 720, qualityLimitation: 'bandwidth' });
    expect(health.layers.map((layer) => [layer.rid, layer.bitrate])).toEqual([['h', 24_000], ['l', 8000]]);
  });

  it('says nothing about what the browser does not tell', () => {
    expect(new HealthMeter().sample([], 0)).toMatchObject({ bitrate: undefined, lossFraction: undefined, codec: undefined, qualityLimitation: 'none', layers: [] });
    expect(new HealthMeter().sample([{ type: 'outbound-rtp', kind: 'video', bytesSent: 'many' }], 0).bitrate).toBeUndefined();
  });
});
