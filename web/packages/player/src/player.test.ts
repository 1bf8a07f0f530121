import { Failure } from '@sluice/signalling';
import { describe, expect, it } from 'vitest';
import { layerName, parseLayers, parseViewerCount } from './layers.ts';
import { reduce } from './state.ts';
import type { PlayerEvent, PlayerState } from './state.ts';
import { StatisticsMeter } from './statistics.ts';

const failure = new Failure('connection-lost', 'gone');
const after = (...events: PlayerEvent[]): PlayerState => events.reduce(reduce, { name: 'idle' });
const started = { type: 'started' } as const;
const connected = { type: 'connected' } as const;
const flowing = { type: 'flowing', at: 7 } as const;

describe('player state', () => {
  it('does not say that nobody is there before it knows', () => {
    expect(after(started, connected)).toEqual({ name: 'connecting' });
    expect(after(started, { type: 'lost', failure, retryAt: 3 }, connected)).toEqual({ name: 'connecting' });
  });

  it('waits for the publisher, and plays when media comes', () => {
    expect(after(started, connected, { type: 'dry' })).toEqual({ name: 'waiting' });
    expect(after(started, connected, { type: 'dry' }, flowing)).toEqual({ name: 'playing', since: 7 });
  });

  it('waits again when the publisher leaves, and plays on when it is back', () => {
    expect(after(started, connected, flowing, { type: 'dry' })).toEqual({ name: 'waiting' });
    expect(after(started, connected, flowing, { type: 'dry' }, { type: 'flowing', at: 9 })).toEqual({ name: 'playing', since: 9 });
  });

  it('does not begin anew while it plays', () => {
    const playing = after(started, connected, flowing);
    expect(reduce(playing, { type: 'flowing', at: 99 })).toBe(playing);
    expect(reduce(playing, connected)).toBe(playing);
  });

  it('counts attempts until it is connected', () => {
    const lost = { type: 'lost', failure, retryAt: 3 } as const;
    expect(after(started, lost, { type: 'retrying' }, lost)).toMatchObject({ name: 'reconnecting', attempt: 2, retryAt: 3 });
    expect(after(started, lost, connected, lost)).toMatchObject({ attempt: 1 });
  });

  it('stays closed and stays failed', () => {
    for (const end of [{ type: 'closed' }, { type: 'refused', failure }] as const) {
      const ended = after(started, connected, flowing, end);
      for (const late of [connected, flowing, { type: 'dry' }, { type: 'restarting' }, { type: 'retrying' }] as const) {
        expect(reduce(ended, late)).toBe(ended);
      }
    }
  });

  it('can be started again after a failure', () => {
    expect(after(started, { type: 'refused', failure }, started)).toEqual({ name: 'connecting' });
  });
});

describe('layers event', () => {
  it('gives the layers best first, and which are active', () => {
    const layers = parseLayers('{"0":{"active":[{"encodingId":"h","width":1280,"height":720,"bitrate":2000000}],"layers":[{"encodingId":"l","width":320,"height":180},{"encodingId":"h","width":1280,"height":720}]}}');
    expect(layers.map((layer) => [layer.mediaId, layer.encodingId, layer.active])).toEqual([['0', 'h', true], ['0', 'l', false]]);
  });

  it('makes do with the active ones', () => {
    expect(parseLayers('{"1":{"active":[{"id":"a","height":360}]}}')).toMatchObject([{ mediaId: '1', encodingId: 'a', height: 360, active: true }]);
  });

  it('names a layer once', () => {
    expect(parseLayers('{"0":{"layers":[{"encodingId":"h"},{"encodingId":"h"}]}}')).toHaveLength(1);
  });

  it.each(['', '{', 'null', '[]', '7', '"x"', '{"0":null}', '{"0":{"layers":7}}', '{"0":{"layers":[null,7,{"encodingId":9},{}]}}'])('finds none in %j', (data) => {
    expect(parseLayers(data)).toEqual([]);
  });

  it('takes no nonsense for a size', () => {
    expect(parseLayers('{"0":{"layers":[{"encodingId":"h","height":-1,"width":"wide","bitrate":0}]}}')).toMatchObject([{ height: undefined, width: undefined, bitrate: undefined }]);
  });

  it('calls an upright 720 × 1280 what people call it', () => {
    const layer = { mediaId: '0', encodingId: 'h', bitrate: undefined, active: true };
    expect(layerName({ ...layer, width: 720, height: 1280 })).toBe('720p');
    expect(layerName({ ...layer, width: undefined, height: undefined })).toBe('h');
  });
});

describe('viewer count event', () => {
  it.each([['{"viewercount":3}', 3], ['4', 4], ['{"viewerCount":0}', 0]])('reads %s', (data, count) => {
    expect(parseViewerCount(data)).toBe(count);
  });

  it.each(['', '{}', '{"viewercount":-1}', '{"viewercount":"3"}', '1.5', 'null'])('reads nothing in %j', (data) => {
    expect(parseViewerCount(data)).toBeUndefined();
  });
});

describe('statistics', () => {
  const snapshot = (second: number, more: object = {}) => [
    { type: 'inbound-rtp', kind: 'video', codecId: 'c', bytesReceived: second * 250_000, packetsReceived: second * 90, packetsLost: second * 10, jitterBufferDelay: second * 3, jitterBufferEmittedCount: second * 30, totalProcessingDelay: second * 3.6, framesDecoded: second * 30, totalDecodeTime: second * 0.06, frameWidth: 1280, frameHeight: 720, jitter: 0.004, freezeCount: 1, totalFreezesDuration: 0.4, ...more },
    { type: 'codec', id: 'c', mimeType: 'video/VP9' },
    { type: 'transport', selectedCandidatePairId: 'p2' },
    { type: 'candidate-pair', id: 'p1', nominated: true, currentRoundTripTime: 9 },
    { type: 'candidate-pair', id: 'p2', currentRoundTripTime: 0.05 },
  ];

  it('gives rates and means of the last second', () => {
    const meter = new StatisticsMeter();
    meter.sample(snapshot(1), 0);
    const statistics = meter.sample(snapshot(2), 1000);
    expect(statistics).toMatchObject({ bitrate: 2_000_000, lossFraction: 0.1, packetsLost: 20, codec: 'VP9', roundTripTime: 50, freezeDuration: 400 });
    expect(statistics.jitterBufferDelay).toBeCloseTo(100);
    expect(statistics.decodeTime).toBeCloseTo(2);
  });

  it('estimates the delay from the whole processing and half the round trip', () => {
    const meter = new StatisticsMeter();
    meter.sample(snapshot(1), 0);
    const { latency } = meter.sample(snapshot(2), 1000);
    expect(latency?.source).toBe('estimate');
    expect(latency?.milliseconds).toBeCloseTo(145);
  });

  it('prefers a measured delay', () => {
    expect(new StatisticsMeter().sample(snapshot(1), 0, 210).latency).toEqual({ milliseconds: 210, source: 'capture-clock' });
  });

  it.each([-5, 0, 3_600_000])('does not believe a delay of %i ms', (measured) => {
    expect(new StatisticsMeter().sample(snapshot(1), 0, measured).latency).toBeUndefined();
  });

  it('knows nothing about an empty report', () => {
    expect(new StatisticsMeter().sample([], 0)).toMatchObject({ width: undefined, bitrate: undefined, latency: undefined, packetsLost: 0, framesDecoded: 0 });
  });

  it('counts no negative loss, which duplicates can cause', () => {
    expect(new StatisticsMeter().sample(snapshot(1, { packetsLost: -4 }), 0).packetsLost).toBe(0);
  });
});
