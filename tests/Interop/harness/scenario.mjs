// A test with the server, a channel and clients of several stacks; whatever happens the clients are gone at its end.
import { after, before, test } from 'node:test';
import { Peer } from './peer.mjs';
import { Server } from './server.mjs';

let server;

/** Starts the file's server before its tests. */
export function withServer() {
    before(async () => {
        if (!process.env.SLUICE_INTEROP_SKIP) server = await Server.start();
    });
    after(() => server?.stop());
}

/** Why a test cannot run here, or false. */
export function missing(...tools) {
    return process.env.SLUICE_INTEROP_SKIP || tools.find(Boolean) || false;
}

/** Runs body with a scene of its own channel. */
export function scene(name, { skip = false, link = 'clean' } = {}, body) {
    test(name, { skip: missing(skip) }, async t => {
        const peers = [];
        let fail;
        const failure = new Promise((_, reject) => fail = reject);
        const channel = await server.createChannel();
        const start = (stack, direction, codec, more) => {
            const { program, ...own } = stack;
            const url = `${server.url(link)}/${direction === 'publish' ? 'whip' : 'whep'}/${channel.id}`;
            const peer = new Peer(stack.name, program, { ...own, direction, codec, url, key: direction === 'publish' ? channel.key : undefined, ...more }, link, fail);
            peers.push(peer);
            return peer;
        };
        try {
            await Promise.race([failure, body({
                t, server, channel, link,
                publish: (stack, codec, more = {}) => start(stack, 'publish', codec, more),
                play: (stack, codec, more = {}) => start(stack, 'play', codec, more),
            })]);
        } catch (error) {
            for (const peer of peers) t.diagnostic(`${peer.name}\n${peer.log}\n${JSON.stringify(peer.figures)}`);
            t.diagnostic(`server\n${server.log}`);
            throw error;
        } finally {
            await Promise.all(peers.map(peer => peer.kill()));
        }
    });
}
