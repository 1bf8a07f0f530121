import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakePeer, FakeServer, forgetBrowser, pretendBrowser } from '../../signalling/src/testing/browser.ts';
import type { Answers } from '../../signalling/src/testing/browser.ts';
import { Publisher } from './publisher.ts';

const words = 'Another publisher has taken the channel over.';
const gone = (): Response => Response.json({ title: 'Replaced', detail: words }, { status: 410, headers: { 'Content-Type': 'application/problem+json' } });
const forgotten = (): Response => new Response(null, { status: 404 });
const later = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const replaced = { name: 'failed', failure: { kind: 'replaced', detail: words, fatal: true } };

async function publish(answers: Answers, connects = true): Promise<{ publisher: Publisher; server: FakeServer; peer: FakePeer }> {
  const server = new FakeServer(answers);
  pretendBrowser(server);
  FakePeer.connects = connects;
  const publisher = new Publisher({ url: '/whip/night_owls', key: 'key', stream: new MediaStream([{ kind: 'video' } as MediaStreamTrack]) });
  publisher.start();
  await later(0);
  const [peer] = FakePeer.made;
  if (peer === undefined) {
    throw new Error('The publisher opened no connection.');
  }
  return { publisher, server, peer };
}

afterEach(forgetBrowser);

describe('a publisher that another one replaced', () => {
  it('learns it from DELETE after the server’s goodbye, and stays away', async () => {
    const { publisher, server, peer } = await publish({ DELETE: gone });
    expect(publisher.state).toMatchObject({ name: 'live' });
    peer.hearGoodbye();
    await later(120_000);
    expect(publisher.state).toMatchObject(replaced);
    expect(server.heard).toEqual(['POST /whip/night_owls', 'DELETE /session/1']);
    expect(peer.connectionState).toBe('closed');
  });

  it('learns it from the PATCH of an ICE restart, and has nothing left to delete', async () => {
    const { publisher, server, peer } = await publish({ PATCH: gone });
    peer.become('failed');
    await later(120_000);
    expect(publisher.state).toMatchObject(replaced);
    expect(server.heard).toEqual(['POST /whip/night_owls', 'PATCH /session/1']);
  });

  it('remembers what a PATCH with candidates was told until the goodbye comes', async () => {
    const { publisher, server, peer } = await publish({ PATCH: gone, DELETE: forgotten });
    peer.gather();
    await later(100);
    expect(server.count('PATCH')).toBe(1);
    peer.hearGoodbye();
    await later(120_000);
    expect(publisher.state).toMatchObject(replaced);
    expect(server.count('POST')).toBe(1);
  });

  it('learns it from DELETE when media never connected', async () => {
    const { publisher, server } = await publish({ DELETE: gone }, false);
    await later(120_000);
    expect(publisher.state).toMatchObject(replaced);
    expect(server.heard).toEqual(['POST /whip/night_owls', 'DELETE /session/1']);
  });

  it('learns it when the goodbye comes in the middle of an ICE restart', async () => {
    const { publisher, server, peer } = await publish({ PATCH: () => new Response('', { status: 200 }), DELETE: gone });
    FakePeer.connects = false;
    peer.become('failed');
    peer.hearGoodbye();
    await later(120_000);
    expect(publisher.state).toMatchObject(replaced);
    expect(server.count('POST')).toBe(1);
  });

  it('takes the channel back when it is told to start again', async () => {
    const { publisher, peer } = await publish({ DELETE: gone });
    peer.hearGoodbye();
    await later(1000);
    publisher.start();
    await later(0);
    expect(publisher.state).toMatchObject({ name: 'live' });
  });
});

describe('a publisher whose session ended otherwise', () => {
  it.each([['is forgotten', forgotten], ['is deleted', undefined], ['cannot be reached', () => { throw new TypeError('unreachable'); }]])('comes back when the session %s', async (_, answer) => {
    const { publisher, server, peer } = await publish(answer === undefined ? {} : { DELETE: answer });
    peer.hearGoodbye();
    await later(0);
    expect(publisher.state).toMatchObject({ name: 'reconnecting', failure: { kind: 'connection-lost' } });
    await later(1000);
    expect(publisher.state).toMatchObject({ name: 'live' });
    expect(server.count('POST')).toBe(2);
  });

  it('comes back when an ICE restart finds the session forgotten', async () => {
    const { publisher, server, peer } = await publish({ PATCH: forgotten });
    peer.become('failed');
    await later(1000);
    expect(publisher.state).toMatchObject({ name: 'live' });
    expect(server.count('POST')).toBe(2);
  });

  it('stays stopped, whatever the server says of its session', async () => {
    const { publisher, server } = await publish({ DELETE: gone });
    await publisher.stop();
    await later(120_000);
    expect(publisher.state).toEqual({ name: 'stopped' });
    expect(server.heard).toEqual(['POST /whip/night_owls', 'DELETE /session/1']);
  });
});
