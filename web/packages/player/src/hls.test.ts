import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakePeer, forgetBrowser } from '../../signalling/src/testing/browser.ts';
import { Player } from './player.ts';
import { FakeHls, later, playlist, Stage } from './testing/hls.ts';

vi.mock('hls.js', async () => ({ default: (await import('./testing/hls.ts')).FakeHls }));

afterEach(forgetBrowser);

describe('playing HLS', () => {
  it('is refused in words where the browser has nothing to play it with', async () => {
    const stage = new Stage({ GET: playlist });
    FakeHls.supported = false;
    const player = await stage.start({ protocol: 'hls' });
    expect(player.state).toMatchObject({ name: 'failed', failure: { kind: 'unsupported' } });
  });

  it.each([[401, 'failed'], [403, 'failed'], [503, 'reconnecting'], [429, 'reconnecting'], [404, 'waiting'], [410, 'waiting']])('whose playlist answers %i is %s', async (status, name) => {
    const stage = new Stage({ GET: () => new Response(null, { status }) });
    expect((await stage.start({ protocol: 'hls' })).state.name).toBe(name);
    expect(FakeHls.made).toHaveLength(0);
  });

  it('waits where a page answers instead of a playlist', async () => {
    const stage = new Stage({ GET: () => new Response('<!doctype html>', { status: 200 }) });
    expect((await stage.start({ protocol: 'hls' })).state.name).toBe('waiting');
  });

  it('tells of the delay by the capture clock, and by the playlist where the clocks cannot be right', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    stage.hls.playingDate = new Date(Date.now() - 1300);
    await stage.roll(1);
    expect(player.statistics).toMatchObject({ protocol: 'hls', codec: 'H264', audioCodec: 'AAC', width: 1280, latency: { source: 'capture-clock' } });
    for (const wrong of [new Date(Date.now() + 3_600_000), new Date(0), null]) {
      stage.hls.playingDate = wrong;
      await stage.roll(1);
      expect(player.statistics?.latency).toEqual({ milliseconds: 1400, source: 'estimate' });
    }
  });

  it('has hls.js throw nothing away among parts, nor catch up beside it', async () => {
    const stage = new Stage({ GET: playlist });
    await stage.start({ protocol: 'hls' });
    expect(stage.hls.config).toMatchObject({ lowLatencyMode: true, backBufferLength: Infinity, maxLiveSyncPlaybackRate: 1 });
  });

  it('carries the token to its own server', async () => {
    const stage = new Stage({ GET: playlist });
    await stage.start({ protocol: 'hls', token: 'watch-me' });
    expect(stage.hls.source).toBe('https://live.example/hls/night_owls/index.m3u8?token=watch-me');
  });

  it('names its session, the same after a new start, to its own server and to no other', async () => {
    const stage = new Stage({ GET: playlist });
    const session = (): string | undefined => (stage.hls.config['cmcd'] as { sessionId: string } | undefined)?.sessionId;
    await stage.start({ protocol: 'hls' });
    expect(stage.hls.config['cmcd']).toMatchObject({ useHeaders: true, includeKeys: ['sid'] });
    const first = session();
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    await stage.roll(1);
    stage.hls.fault('networkError', 'levelLoadError', { status: 403 });
    await later(1_000);
    expect([FakeHls.made.length, session()]).toEqual([2, first]);
    await stage.start({ protocol: 'hls' });
    expect(session()).not.toBe(first);
    await stage.start({ protocol: 'hls', hls: 'https://other.example/hls/night_owls/index.m3u8' });
    expect([FakeHls.made.length, session()]).toEqual([4, undefined]);
  });

  it('is let in anew when its leave has run out, and stops where it gets none', async () => {
    let granted = true;
    const stage = new Stage({ GET: () => (granted ? playlist() : new Response(null, { status: 403 })) });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(1);
    stage.hls.fault('networkError', 'levelLoadError', { status: 403 });
    await later(1_000);
    await stage.roll(1);
    expect([player.state.name, FakeHls.made.length]).toEqual(['playing', 2]);
    granted = false;
    stage.hls.fault('networkError', 'levelLoadError', { status: 403 });
    await later(1_000);
    expect(player.state).toMatchObject({ name: 'failed', failure: { kind: 'unauthorized' } });
  });

  it('does not play the end of a stream that was over before', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    stage.hls.playlist(40, false);
    await later(100);
    expect([player.state.name, stage.hls.destroyed]).toEqual(['waiting', true]);
    await later(3_000);
    expect(FakeHls.made).toHaveLength(2);
  });

  it('goes on after faults that pass, and starts anew after those that do not', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(1);
    const { hls } = stage;
    hls.fault('mediaError', 'bufferStalledError', { fatal: false });
    hls.fault('mediaError', 'bufferAppendError');
    hls.fault('mediaError', 'bufferAppendError');
    expect(hls.asked).toEqual(['attach', 'recover', 'swap', 'recover']);
    hls.fault('mediaError', 'bufferAppendError');
    await later(0);
    expect([hls.destroyed, player.state.name]).toEqual([true, 'reconnecting']);
    await later(1_000);
    expect(FakeHls.made).toHaveLength(2);
    await stage.roll(1);
    expect([player.protocol, player.state.name]).toEqual(['hls', 'playing']);
  });

  it('says that the publisher is away when nothing new comes, and goes on when it does', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(2, 20);
    await later(6_500);
    expect(player.state.name).toBe('waiting');
    expect(FakeHls.made).toHaveLength(1);
    await stage.roll(1, 30);
    expect(player.state.name).toBe('playing');
    expect(FakeHls.made).toHaveLength(1);
  });

  it('looks again for a stream that stood still for half a minute', async () => {
    let onAir = true;
    const stage = new Stage({ GET: () => (onAir ? playlist() : new Response(null, { status: 404 })) });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(2, 20);
    onAir = false;
    await later(40_000);
    expect([player.state.name, stage.hls.destroyed]).toEqual(['waiting', true]);
    expect(stage.server.count('GET')).toBeGreaterThan(2);
  });

  it('starts anew when media comes but the picture stands still', async () => {
    const stage = new Stage({ GET: playlist });
    await stage.start({ protocol: 'hls' });
    await stage.roll(1, 20);
    for (let each = 0; each < 20; each += 1) {
      stage.hls.playlist(30 + each);
      await later(1_000);
    }
    expect(FakeHls.made).toHaveLength(2);
  });

  it('is set going before there is a picture, so that a gap at the start is skipped, and starts anew where none comes', async () => {
    const stage = new Stage({ GET: playlist });
    stage.video.paused = true;
    await stage.start({ protocol: 'hls' });
    expect(stage.hls.startsBack).toBeUndefined();
    stage.video.readyState = 1;
    stage.video.dispatchEvent(new Event('loadedmetadata'));
    expect(stage.video.paused).toBe(false);
    stage.video.paused = true;
    for (let each = 0; each < 20; each += 1) {
      stage.hls.playlist(30 + each);
      await later(1_000);
    }
    expect(FakeHls.made).toHaveLength(2);
  });

  it('does not take a pause for an absence', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(1, 20);
    stage.video.paused = true;
    await later(600_000);
    expect([player.state.name, FakeHls.made.length]).toEqual(['playing', 1]);
  });

  it('comes back to the newest picture after a stall, and not in haste', async () => {
    const stage = new Stage({ GET: playlist });
    await stage.start({ protocol: 'hls' });
    await stage.roll(2, 3);
    expect(stage.video.currentTime).toBe(2);
    await stage.roll(0.25, 18);
    expect(stage.video.currentTime).toBe(17);
    stage.video.currentTime = 2;
    await stage.roll(2, 20);
    expect(stage.video.currentTime).toBe(4);
    await stage.roll(4, 24);
    expect(stage.video.currentTime).toBeGreaterThan(23);
  });

  it('stays in the past, however far that is', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(1, 300);
    player.seek(120);
    await stage.roll(8, 305);
    expect(stage.video.currentTime).toBe(128);
  });

  it('comes back to the newest picture after a pause', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(1, 20);
    stage.video.currentTime = 20;
    stage.video.paused = true;
    stage.hls.playlist(80);
    await player.resume();
    expect([stage.video.currentTime, stage.video.paused]).toEqual([79, false]);
  });

  it('is left to Safari, which needs no hls.js', async () => {
    const stage = new Stage({ GET: playlist });
    vi.stubGlobal('WebKitPlaybackTargetAvailabilityEvent', () => undefined);
    stage.video.native = 'maybe';
    const player = await stage.start({ protocol: 'hls', token: 't' });
    expect([FakeHls.made.length, stage.video.src]).toEqual([0, 'https://live.example/hls/night_owls/index.m3u8?token=t']);
    await stage.roll(1);
    expect(player.state.name).toBe('playing');
    stage.video.error = { code: 4 };
    stage.video.dispatchEvent(new Event('error'));
    await later(0);
    expect(player.state).toMatchObject({ name: 'failed', failure: { kind: 'unsupported' } });
  });

  it('is not left to another browser that says it can', async () => {
    const stage = new Stage({ GET: playlist });
    vi.stubGlobal('MediaSource', () => undefined);
    stage.video.native = 'maybe';
    await stage.start({ protocol: 'hls' });
    expect(FakeHls.made).toHaveLength(1);
  });
});

describe('going back in time', () => {
  it('is not possible where there is no HLS', async () => {
    const stage = new Stage();
    const player = new Player({ url: '/whep/a', video: stage.element });
    player.start();
    await later(0);
    player.offerPast(100);
    expect(player.timeline).toBeUndefined();
    player.seek(5);
    expect([player.protocol, player.rewound]).toEqual(['webrtc', false]);
  });

  it('goes from WebRTC to that place in HLS, and back to WebRTC with “live”', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    await stage.stream(2);
    player.offerPast(600);
    expect(player.timeline).toMatchObject({ live: true, length: 600, position: 600, atEdge: true });
    player.seek(540);
    await later(100);
    expect([player.protocol, player.rewound, player.fallback]).toEqual(['hls', true, undefined]);
    stage.hls.playlist(660);
    expect(stage.hls.startsBack).toBe(60);
    stage.video.currentTime = 600;
    await stage.roll(2);
    expect(player.timeline).toMatchObject({ length: 660, atEdge: false });
    expect(player.state.name).toBe('playing');
    player.goLive();
    await later(100);
    expect([player.protocol, player.rewound, stage.offers]).toEqual(['webrtc', false, 2]);
    expect(stage.storage.items.size).toBe(0);
  });

  it('moves within HLS without starting anew', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(1, 300);
    player.seek(120);
    expect([stage.video.currentTime, player.rewound]).toEqual([120, true]);
    player.seek(10_000);
    expect(stage.video.currentTime).toBeCloseTo(299.75);
    expect([player.rewound, FakeHls.made.length, stage.offers]).toEqual([false, 1, 0]);
  });

  it('keeps its place through a pause', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    await stage.roll(1, 300);
    player.seek(120);
    stage.video.paused = true;
    stage.hls.playlist(400);
    await player.resume();
    expect([stage.video.currentTime, player.rewound]).toEqual([120, true]);
  });

  it('goes to the playlist with all of the past where the other has only its end', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls', past: '/hls/night_owls/past.m3u8' });
    player.offerPast(600);
    await stage.roll(1, 40);
    const before = player.timeline;
    expect(before?.length).toBeGreaterThan(600);
    expect((before?.length ?? 0) - (before?.position ?? 0)).toBeCloseTo(1, 0);
    player.seek(60);
    await later(100);
    expect(stage.hls.source).toBe('https://live.example/hls/night_owls/past.m3u8');
    stage.hls.playlist(1000);
    expect(stage.hls.startsBack).toBeCloseTo(541, 0);
    stage.video.currentTime = 460;
    await stage.roll(1);
    player.seek(500);
    expect([stage.video.currentTime, FakeHls.made.length]).toEqual([500, 2]);
    player.goLive();
    await later(100);
    expect([stage.hls.source, player.rewound, stage.offers]).toEqual(['https://live.example/hls/night_owls/index.m3u8', false, 0]);
  });

  it('ends quietly where there turns out to be no past', async () => {
    const stage = new Stage();
    const player = await stage.start();
    await stage.stream(1);
    player.offerPast(600);
    player.seek(100);
    await later(100);
    expect([player.protocol, player.rewound, player.state.name]).toEqual(['webrtc', false, 'connecting']);
    player.offerPast(600);
    expect(player.timeline).toBeUndefined();
    await stage.stream(1);
    expect(player.state.name).toBe('playing');
  });

  it('ends with the stream, and the player waits for the next by WebRTC', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    await stage.stream(1);
    player.offerPast(600);
    player.seek(590);
    await later(100);
    await stage.roll(2, 600);
    stage.hls.playlist(610, false);
    stage.video.dispatchEvent(new Event('ended'));
    await later(100);
    expect([player.protocol, player.rewound]).toEqual(['webrtc', false]);
    await later(5_000);
    expect(player.state.name).toBe('waiting');
  });

  it('comes back by HLS where that is all there is', async () => {
    const stage = new Stage({ GET: playlist });
    FakePeer.connects = false;
    const player = await stage.start();
    await later(5_100);
    await stage.roll(1, 300);
    player.seek(100);
    player.goLive();
    await later(100);
    expect([player.protocol, player.rewound, stage.video.currentTime, FakeHls.made.length]).toEqual(['hls', false, 299.75, 1]);
  });
});

describe('a recording', () => {
  it.each([[404, 'not-found'], [401, 'unauthorized']])('that answers %i is not waited for', async (status, kind) => {
    const stage = new Stage({ GET: () => new Response(null, { status }) });
    const player = stage.player({ recording: '/recordings/1/index.m3u8' });
    player.start();
    await later(0);
    expect(player.state).toMatchObject({ name: 'failed', failure: { kind } });
    await later(60_000);
    expect([stage.offers, stage.server.count('GET')]).toEqual([0, 1]);
  });

  it('that is one file is left to the element', async () => {
    const stage = new Stage();
    const player = await stage.start({ recording: '/recordings/1/1.mp4?x=1', token: 't' });
    expect([stage.video.src, stage.server.count('GET'), FakeHls.made.length]).toEqual(['https://live.example/recordings/1/1.mp4?x=1&token=t', 0, 0]);
    stage.video.end = 60;
    await stage.roll(1);
    expect(player.timeline).toMatchObject({ live: false, length: 60, position: 1 });
  });

  it('plays from its beginning, has no “live”, and stays where it ends', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ recording: '/recordings/1/index.m3u8' });
    expect(stage.hls.source).toBe('https://live.example/recordings/1/index.m3u8');
    stage.hls.playlist(90, false);
    await stage.roll(2);
    expect(player.timeline).toEqual({ live: false, length: 90, position: 2, atEdge: false });
    player.seek(88);
    expect([stage.video.currentTime, player.rewound]).toEqual([88, false]);
    stage.video.dispatchEvent(new Event('ended'));
    await later(120_000);
    expect([player.state.name, stage.hls.destroyed, stage.offers]).toEqual(['playing', false, 0]);
  });
});
