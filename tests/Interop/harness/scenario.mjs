// A test with the server, a channel and clients of several stacks; whatever happens the clients are gone at its end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Peer } from './peer.mjs';
import { Server } from './server.mjs';
import { lacks } from './tools.mjs';

// Who offers to be either is answered passive, as RFC 8842 recommends: the client then starts DTLS as soon as it has the answer.
const AnswerTo = { actpass: 'passive', active: 'passive', passive: 'active' };

const nowhere = process.env.SLUICE_INTEROP_SKIP;
let server;

/** Starts the file's server before its tests. */
export function withServer() {
    before(async () => {
        if (!nowhere) server = await Server.start();
    });
    after(() => server?.stop());
}

/**
 * One test of a publisher, and in it one of each player. Options hold for all of them: the link, what each offers to be in DTLS, how it trickles.
 * What must hold beyond the players' own judgement is said by also.
 */
export function relay(publisher, codec, players, { link = 'clean', title = '', skip = null, also = null, ...options } = {}) {
    const lacking = nowhere || skip || lacks(publisher.tool);
    const what = `${codec} and opus${title}`;
    test(`${publisher.name} publishes ${what}`, { skip: lacking || false, concurrency: players.length }, async t => {
        const channel = await server.createChannel();
        const started = [];
        const open = (stack, direction) => {
            const endpoint = direction === 'publish' ? 'whip' : 'whep';
            const own = { ...stack.options, ...options, direction, codec, url: `${server.url(link)}/${endpoint}/${channel.id}` };
            if (direction === 'publish') own.key = channel.key;
            const peer = new Peer(stack.name, stack.program, own, link);
            started.push(peer);
            return peer;
        };
        const explained = async body => {
            try {
                await body();
            } catch (error) {
                for (const peer of started) t.diagnostic(`${peer.name}\n${peer.log}\n${JSON.stringify(peer.figures)}`);
                t.diagnostic(`server\n${server.log}`);
                throw error;
            }
        };
        const isAsAgreed = peer => {
            assert.equal(peer.answered.setup, AnswerTo[options.setup ?? 'actpass'], `${peer.name}: DTLS role of the answer`);
            assert.match(peer.answered.location, /^\//, 'clients resolve a relative Location');
        };
        try {
            const source = open(publisher, 'publish');
            await Promise.all(players.map(player => t.test(`${player.name} plays ${what} of ${publisher.name}`, { skip: lacks(player.tool) || false }, () =>
                explained(async () => {
                    const peer = open(player, 'play');
                    await Promise.race([source.failed, peer.failed, player.judge(peer)]);
                    if (also) await Promise.race([source.failed, peer.failed, also({ server, channel, peer })]);
                    isAsAgreed(peer);
                    assert.equal(await peer.end(), 200, 'DELETE of the player');
                }))));
            await explained(async () => {
                isAsAgreed(source);
                assert.equal(await source.end(), 200, 'DELETE of the publisher');
                await gone(channel);
            });
        } finally {
            await Promise.all(started.map(peer => peer.kill()));
        }
    });
}

// The stream ends with the DELETE, at once and not when the connection's consent runs out.
async function gone(channel) {
    const deadline = performance.now() + 10_000;
    while ((await server.streams()).some(stream => stream.channel === channel.id)) {
        assert.ok(performance.now() < deadline, 'the stream ends with its publisher');
    }
}
