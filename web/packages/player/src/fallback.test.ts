import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakePeer, forgetBrowser } from '../../signalling/src/testing/browser.ts';
import { Player } from './player.ts';
import { expectFailure, FakeHls, FakeStorage, later, playlist, Stage } from './testing/hls.ts';

vi.mock('hls.js', async () => ({ default: (await import('./testing/hls.ts')).FakeHls }));

const refuse = (status: number, detail: string) => (path: string): Response =>
  (path.startsWith('/whep') ? Response.json({ detail }, { status, headers: { 'Content-Type': 'application/problem+json' } }) : undefined) as Response;

afterEach(forgetBrowser);

describe('where WebRTC does not get through', () => {
  it('plays by HLS when media found no way within five seconds', async () => {
    const stage = new Stage({ GET: playlist });
    FakePeer.connects = false;
    const player = await stage.start();
    await later(4_900);
    expect(FakeHls.made).toHaveLength(0);
    await later(200);
    expect(player.protocol).toBe('hls');
    expect(stage.hls.source).toBe('https://live.example/hls/night_owls/index.m3u8');
    await stage.roll(1);
    expect(player.state.name).toBe('playing');
    expectFailure(player.fallback, 'no-path', /firewall/);
    expect(stage.server.heard).toContain('DELETE /session/1');
  });

  it('does not wait when ICE says that it failed', async () => {
    const stage = new Stage({ GET: playlist });
    FakePeer.connects = false;
    const player = await stage.start();
    stage.peer.become('failed');
    await later(0);
    expect(player.protocol).toBe('hls');
  });

  it('remembers it for the server, and asks WebRTC again when ten minutes are over', async () => {
    const storage = new FakeStorage();
    const first = new Stage({ GET: playlist }, storage);
    FakePeer.connects = false;
    const player = await first.start();
    await later(5_100);
    await first.roll(1);
    await player.close();

    const second = await first.start();
    expect([second.protocol, first.offers]).toEqual(['hls', 1]);
    await second.close();
    await later(10 * 60_000);
    FakePeer.connects = true;
    const third = await first.start();
    expect([third.protocol, first.offers]).toEqual(['webrtc', 2]);
    expect(storage.items.size).toBe(0);
  });

  it('remembers nothing where HLS does not play either', async () => {
    const stage = new Stage({ GET: () => new Response(null, { status: 503 }) });
    FakePeer.connects = false;
    const player = await stage.start();
    await later(5_100);
    expect(player.state).toMatchObject({ name: 'reconnecting', failure: { kind: 'network' } });
    expect(stage.storage.items.size).toBe(0);
  });

  it('waits for an absent stream by asking for the playlist, and asks WebRTC again each minute', async () => {
    let onAir = false;
    const stage = new Stage({ GET: () => (onAir ? playlist() : new Response(null, { status: 404 })) });
    FakePeer.connects = false;
    const player = await stage.start();
    await later(5_100);
    expect(player.state.name).toBe('waiting');
    await later(30_000);
    expect(stage.server.count('GET')).toBeGreaterThan(8);
    expect(stage.offers).toBe(1);
    await later(35_000);
    expect(stage.offers).toBe(2);
    expect(player.state.name).toBe('waiting');
    onAir = true;
    await later(9_000);
    await stage.roll(1);
    expect(player.state.name).toBe('playing');
  });

  it('says that there is nothing but WebRTC, and that it is blocked, where the server has no HLS at all', async () => {
    const none = (): Response => Response.json({ detail: 'This channel gives WebRTC only.' }, { status: 501, headers: { 'Content-Type': 'application/problem+json' } });
    const stage = new Stage({ GET: none });
    FakePeer.connects = false;
    const player = await stage.start();
    await later(5_100);
    const told = { name: 'reconnecting', failure: { kind: 'no-path', detail: 'This channel gives WebRTC only. Your network blocks it: no media comes through.' } };
    expect(player.state).toMatchObject(told);
    await later(60_000);
    expect(player.state).toMatchObject(told);
    expect([stage.server.count('GET'), player.protocol]).toEqual([1, 'webrtc']);
    FakePeer.connects = true;
    await later(60_000);
    await stage.stream(1);
    expect(player.state.name).toBe('playing');
  });

  it('stays with WebRTC, and gives it its time, where there is no HLS', async () => {
    const stage = new Stage();
    FakePeer.connects = false;
    const player = new Player({ url: '/whep/night_owls', video: stage.element });
    player.start();
    await later(11_900);
    expect(player.state.name).toBe('connecting');
    await later(200);
    expect(player.state).toMatchObject({ name: 'reconnecting', failure: { kind: 'no-path' } });
    expect(stage.server.count('GET')).toBe(0);
  });

  it('goes by HLS at once in a browser without WebRTC', async () => {
    const stage = new Stage({ GET: playlist });
    vi.stubGlobal('RTCPeerConnection', undefined);
    const player = await stage.start();
    expect([player.protocol, stage.offers]).toEqual(['hls', 0]);
    expect(stage.storage.items.size).toBe(0);
  });

  it('goes by HLS in a browser that was forbidden to use WebRTC', async () => {
    const stage = new Stage({ GET: playlist });
    vi.stubGlobal('RTCPeerConnection', function Forbidden() {
      throw new DOMException('Forbidden by policy', 'NotAllowedError');
    });
    const player = await stage.start();
    expect(player.protocol).toBe('hls');
    expectFailure(player.fallback, 'unsupported', /WebRTC/);
  });

  it('takes HLS after connections that break again and again, and not after one', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    for (let each = 1; each <= 3; each += 1) {
      expect([each, player.protocol]).toEqual([each, 'webrtc']);
      stage.peer.hearGoodbye();
      await later(4_000);
    }
    expect(player.protocol).toBe('hls');
    expect(stage.storage.items.size).toBe(0);
  });
});

describe('where WebRTC cannot carry the stream', () => {
  it.each([406, 415, 422])('plays by HLS after %i, and gives the server’s own words', async (status) => {
    const stage = new Stage({ GET: playlist, POST: refuse(status, 'The picture is H265, which this browser does not take by WebRTC.') });
    const player = await stage.start();
    expect(player.protocol).toBe('hls');
    await stage.roll(1);
    expect(player.state.name).toBe('playing');
    expectFailure(player.fallback, 'unsupported', /H265/);
    expect(stage.storage.items.size).toBe(0);
  });

  it('is refused in WebRTC’s words where HLS does not have the stream either', async () => {
    const stage = new Stage({ POST: refuse(406, 'The picture is H265.') });
    const player = await stage.start();
    expect(player.state).toMatchObject({ name: 'failed', failure: { kind: 'unsupported', detail: 'The picture is H265.' } });
  });

  it('is refused in WebRTC’s words where the browser has nothing to play HLS with', async () => {
    const stage = new Stage({ GET: playlist, POST: refuse(406, 'The picture is H265.') });
    FakeHls.supported = false;
    const player = await stage.start();
    expect(player.state).toMatchObject({ name: 'failed', failure: { detail: 'The picture is H265.' } });
  });

  it('asks WebRTC again when the stream is over, for the next may be another', async () => {
    let codec = 'H265';
    const stage = new Stage({ GET: playlist, POST: (path) => (codec === 'H265' ? refuse(406, codec)(path) : undefined) as Response });
    const player = await stage.start();
    await stage.roll(2);
    codec = 'H264';
    stage.hls.fault('networkError', 'levelLoadError', { status: 404 });
    await later(100);
    expect([player.protocol, stage.offers]).toEqual(['webrtc', 2]);
    expect(player.fallback).toBeUndefined();
  });

  it.each([[401, 'unauthorized'], [404, 'not-found']] as const)('does not try HLS after %i, which would say the same', async (status, kind) => {
    const stage = new Stage({ GET: playlist, POST: refuse(status, 'No.') });
    const player = await stage.start();
    expect(player.state).toMatchObject({ name: 'failed', failure: { kind } });
    expect(stage.server.count('GET')).toBe(0);
  });

  it.each([429, 500, 503])('tries WebRTC again after %i', async (status) => {
    const stage = new Stage({ GET: playlist, POST: refuse(status, 'Later.') });
    const player = await stage.start();
    await later(2_000);
    expect(player.protocol).toBe('webrtc');
    expect(stage.offers).toBeGreaterThan(1);
    expect(stage.server.count('GET')).toBe(0);
  });
});

describe('a connection that brings no picture', () => {
  it('is given up for HLS when somebody is on the air and nothing came for eight seconds', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    stage.say('active');
    await later(7_500);
    expect(player.protocol).toBe('webrtc');
    await later(1_500);
    expect(player.protocol).toBe('hls');
    expectFailure(player.fallback, 'stalled', /no picture/);
    expect(stage.storage.items.size).toBe(0);
  });

  it('is kept where HLS has nothing either, which is asked but once a minute', async () => {
    const stage = new Stage();
    const player = await stage.start();
    stage.say('active');
    await later(50_000);
    expect([player.protocol, stage.offers, stage.server.count('GET')]).toEqual(['webrtc', 1, 1]);
    await later(25_000);
    expect([stage.offers, stage.server.count('GET')]).toEqual([1, 2]);
    expect(player.state.name).toBe('waiting');
  });

  it('is kept for as long as nobody is on the air', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    stage.say('inactive');
    await later(300_000);
    expect([player.protocol, player.state.name, stage.server.count('GET')]).toEqual(['webrtc', 'waiting', 0]);
  });

  it('is given up for pictures that the browser cannot decode, and names their codec', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    stage.say('active');
    for (let each = 1; each <= 40; each += 1) {
      stage.peer.report = [
        { type: 'inbound-rtp', kind: 'video', bytesReceived: each * 50_000, framesDecoded: 0, codecId: 'c' },
        { type: 'codec', id: 'c', mimeType: 'video/H265' },
      ];
      await later(250);
    }
    expect(player.protocol).toBe('hls');
    expectFailure(player.fallback, 'unsupported', /H265/);
  });

  it('is kept where only sound is sent', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    stage.say('active');
    for (let each = 1; each <= 80; each += 1) {
      stage.peer.report = [{ type: 'inbound-rtp', kind: 'audio', bytesReceived: each * 4_000 }];
      await later(250);
    }
    expect([player.protocol, player.state.name]).toEqual(['webrtc', 'playing']);
  });
});

describe('the wish', () => {
  it('is for HLS: WebRTC is not asked', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start({ protocol: 'hls' });
    expect([player.protocol, stage.offers]).toEqual(['hls', 0]);
    expect(player.fallback).toBeUndefined();
  });

  it('is for WebRTC: HLS is not asked, though nothing gets through', async () => {
    const stage = new Stage({ GET: playlist });
    FakePeer.connects = false;
    const player = await stage.start({ protocol: 'webrtc' });
    await later(60_000);
    expect([player.protocol, stage.server.count('GET')]).toEqual(['webrtc', 0]);
    expect(player.state.name).toBe('reconnecting');
  });

  it('can change while it plays, and leaves nothing behind', async () => {
    const stage = new Stage({ GET: playlist });
    const player = await stage.start();
    await stage.stream(1);
    expect(player.state.name).toBe('playing');
    player.prefer('hls');
    await later(100);
    expect([player.protocol, player.state.name, stage.peer.connectionState]).toEqual(['hls', 'connecting', 'closed']);
    const { hls } = stage;
    await stage.roll(1);
    player.prefer('auto');
    await later(100);
    expect([player.protocol, hls.destroyed, stage.offers]).toEqual(['webrtc', true, 2]);
  });

  it('for WebRTC overrides what was remembered', async () => {
    const storage = new FakeStorage();
    const stage = new Stage({ GET: playlist }, storage);
    storage.setItem('sluice.blocked:https://live.example', JSON.stringify({ until: Date.now() + 60_000, times: 1 }));
    const player = await stage.start();
    expect(player.protocol).toBe('hls');
    player.prefer('auto');
    await later(100);
    expect(player.protocol).toBe('webrtc');
  });
});

describe('a player that is closed', () => {
  it.each(['while WebRTC looks for a way', 'while it waits for the stream', 'while HLS plays'])('asks for nothing more: %s', async (when) => {
    const stage = new Stage({ GET: () => (when.endsWith('plays') ? playlist() : new Response(null, { status: 404 })) });
    FakePeer.connects = false;
    const player = await stage.start();
    await later(when.startsWith('while WebRTC') ? 1_000 : 6_000);
    if (when.endsWith('plays')) {
      await stage.roll(1);
    }
    await player.close();
    await later(0);
    const before = stage.server.heard.filter((each) => !each.startsWith('DELETE')).length;
    await later(300_000);
    expect(stage.server.heard.filter((each) => !each.startsWith('DELETE'))).toHaveLength(before);
    expect(player.state).toEqual({ name: 'closed' });
    expect(FakeHls.made.every((each) => each.destroyed)).toBe(true);
  });
});
