import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeServer, forgetBrowser, pretendBrowser, pretendEvents } from '../../signalling/src/testing/browser.ts';
import type { Answers } from '../../signalling/src/testing/browser.ts';
import { Player } from './player.ts';

const link = [
  '</session/1/layer>; rel="urn:ietf:params:whep:ext:core:layer"',
  '</session/1/events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="layers"',
].join(', ');
const layers = { 0: { active: [{ encodingId: 'l' }], layers: [{ encodingId: 'l', height: 180 }, { encodingId: 'h', height: 720 }] } };

async function watch(answers: Answers = {}): Promise<{ player: Player; server: FakeServer; since: () => string[] }> {
  const server = new FakeServer({
    ...answers,
    POST: (path, number) => {
      const own = answers.POST?.(path, number);
      return own ?? (path.endsWith('/events') ? new Response(null, { status: 201, headers: { Location: '/session/1/events/1' } })
        : path.endsWith('/layer') ? new Response(null, { status: 204 }) : undefined) as Response;
    },
  }, { Link: link });
  pretendBrowser(server);
  const sources = pretendEvents();
  const player = new Player({ url: '/whep/night_owls' });
  player.start();
  await vi.advanceTimersByTimeAsync(0);
  sources[0]?.dispatchEvent(new MessageEvent('layers', { data: JSON.stringify(layers) }));
  const before = server.heard.length;
  return { player, server, since: () => server.heard.slice(before).map((each, index) => `${each} ${server.bodies[before + index] ?? ''}`.trimEnd()) };
}

afterEach(forgetBrowser);

describe('the choice of a layer', () => {
  it('names the medium and the encoding', async () => {
    const { player, since } = await watch();
    expect(player.layers.map((layer) => layer.encodingId)).toEqual(['h', 'l']);
    await player.selectLayer('h');
    expect(since()).toEqual(['POST /session/1/layer {"mediaId":"0","encodingId":"h"}']);
    expect(player.selectedLayer).toBe('h');
  });

  it('is given back to the server by DELETE', async () => {
    const { player, since } = await watch();
    await player.selectLayer('h');
    await player.selectLayer(undefined);
    expect(since().at(-1)).toBe('DELETE /session/1/layer');
    expect(since()).toHaveLength(2);
    expect(player.selectedLayer).toBeUndefined();
  });

  it.each([404, 405, 501])('is given back by a choice of none to a server that answers DELETE with %i', async (status) => {
    const { player, since } = await watch({ DELETE: () => new Response(null, { status }) });
    await player.selectLayer(undefined);
    expect(since()).toEqual(['DELETE /session/1/layer', 'POST /session/1/layer {"encodingId":null}']);
  });

  it('fails with what the server says', async () => {
    const { player } = await watch({ DELETE: () => Response.json({ detail: 'Not now.' }, { status: 409 }) });
    await expect(player.selectLayer(undefined)).rejects.toMatchObject({ status: 409, detail: 'Not now.' });
  });
});
