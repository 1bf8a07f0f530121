import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, Refusal } from './call.ts';
import { createChannel, rotateSecret } from './index.ts';

const { signal } = new AbortController();
const heard: [string, RequestInit][] = [];

function answer(make: () => Response): void {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    heard.push([url, init]);
    return new Promise((resolve) => resolve(make()));
  });
}

afterEach(() => {
  heard.length = 0;
  vi.unstubAllGlobals();
});

describe('a call of the API', () => {
  it('puts names where the path has braces, and cannot be led elsewhere by them', async () => {
    answer(() => new Response(null, { status: 204 }));
    await expect(call('delete', '/api/v1/channels/{id}', { token: 't', names: { id: '../a?b' } }, signal)).resolves.toBeUndefined();
    expect(heard).toMatchObject([['/api/v1/channels/..%2Fa%3Fb', { method: 'DELETE', headers: { Authorization: 'Bearer t' } }]]);
    expect(heard[0]?.[1].body).toBeUndefined();
  });

  it('sends what it is given as JSON, and neither token nor body where there is none', async () => {
    answer(() => Response.json({ streams: [], id: 'a', key: 'a-b' }));
    await createChannel('t', 'Night owls', '', signal);
    await call('get', '/api/v1/streams', {}, signal);
    expect(heard[0]?.[1]).toMatchObject({ method: 'POST', body: '{"name":"Night owls"}', headers: { 'Content-Type': 'application/json' } });
    expect(heard[1]?.[1].headers).toEqual({});
  });

  it.each([
    ['its detail', () => Response.json({ title: 'Short', detail: 'Long.' }, { status: 409 }), 409, 'Long.'],
    ['its title', () => Response.json({ title: 'Short' }, { status: 404 }), 404, 'Short'],
    ['its status', () => new Response('<html>', { status: 502 }), 502, 'The server answered 502.'],
    ['that it is out of reach', () => { throw new TypeError('fetch failed'); }, 0, 'The server cannot be reached.'],
  ])('fails with a refusal that says %s', async (_, make, status, message) => {
    answer(make);
    const failure: unknown = await call('get', '/api/v1/streams', {}, signal).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    expect(failure).toMatchObject({ status, message });
  });

  it('takes no channel without its key for a new key', async () => {
    answer(() => Response.json({ id: 'a' }));
    await expect(rotateSecret('t', 'a', signal)).rejects.toBeInstanceOf(Refusal);
  });
});
