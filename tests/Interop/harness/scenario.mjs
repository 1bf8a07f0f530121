// A test with the server, a channel and clients of several stacks; whatever happens the clients are gone at its end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Peer } from './peer.mjs';
import { Server } from './server.mjs';
import { lacks } from './tools.mjs';

// Who offers to be either is answered passive, as RFC 8842 recommends: the client then starts DTLS as soon as it has the answer.
const AnswerTo = { actpass: 'passive', active: 'passive', passive: 'active' };
const EndDeadline = 10_000;

const nowhere = process.env.SLUICE_INTEROP_SKIP;
let server;

/** Starts the file's server before its tests. */
export function withServer() {
    before(async () => {
        if (!nowhere) server = await Server.start();
    });
    after(() => server?.stop());
}

/** One channel and the clients that are on it. Options hold for all of them: the link, what each offers to be in DTLS, how it trickles. */
class Scene {
    #peers = [];

    static async open(t, codec, { link = 'clean', ...options }) {
        const scene = new Scene();
        Object.assign(scene, { t, codec, link, options, server, channel: await server.createChannel() });
        return scene;
    }

    publish(stack) {
        return this.#start(stack, { direction: 'publish', key: this.channel.key, url: `${server.url(this.link)}/whip/${this.channel.id}` });
    }

    play(stack) {
        return this.#start(stack, { direction: 'play', url: `${server.url(this.link)}/whep/${this.channel.id}` });
    }

    #start(stack, more) {
        const peer = new Peer(stack.name, stack.program, { ...stack.options, ...this.options, ...more, codec: this.codec }, this.link);
        this.#peers.push(peer);
        return peer;
    }

    /** The publisher's figures as the server keeps them; undefined where nothing is live. */
    async stream() {
        return (await server.streams()).find(stream => stream.channel === this.channel.id);
    }

    /** Runs a part of the test that fails at once where a client ends unasked, and explains a failure by what everybody said. */
    async explained(body) {
        try {
            return await Promise.race([...this.#peers.map(peer => peer.failed), body()]);
        } catch (error) {
            for (const peer of this.#peers) this.t.diagnostic(`${peer.name}\n${peer.log}\n${JSON.stringify(peer.figures)}`);
            this.t.diagnostic(`server\n${server.log}`);
            throw error;
        }
    }

    /** Ends a client's session by DELETE, having looked at how the session was answered. */
    async end(peer) {
        const setup = this.options.setup ?? 'actpass';
        if (peer.answered.setup) assert.equal(peer.answered.setup, AnswerTo[setup], `${peer.name}: DTLS role of the answer`);
        assert.match(peer.answered.location, /^\//, 'clients resolve a relative Location');
        assert.equal(await peer.end(), 200, `${peer.name}: DELETE`);
    }

    /** The stream ends with its publisher's DELETE, and not when the connection's consent runs out. */
    async gone() {
        const deadline = performance.now() + EndDeadline;
        while (await this.stream()) assert.ok(performance.now() < deadline, 'the stream ends with its publisher');
    }

    close() {
        return Promise.all(this.#peers.map(peer => peer.kill()));
    }
}

/** A test on a scene; skipped by name where a stack or something else is missing. */
export function scene(name, codec, { stacks = [], concurrency, ...options }, body) {
    const reason = nowhere || process.env[`SLUICE_INTEROP_WITHOUT_${options.link}`] || stacks.map(stack => lacks(stack.tool)).find(Boolean);
    test(name, { skip: reason || false, concurrency }, async t => {
        const opened = await Scene.open(t, codec, options);
        try {
            await body(opened);
        } finally {
            await opened.close();
        }
    });
}

/** One test of a publisher, and in it one of each player. What must hold beyond a player's own judgement is said by also. */
export function relay(publisher, codec, players, { title = '', also = null, ...options } = {}) {
    const what = `${codec} and opus${title}`;
    const settings = { ...options, stacks: [publisher], concurrency: players.length };
    scene(`${publisher.name} publishes ${what}`, codec, settings, async opened => {
        const source = opened.publish(publisher);
        await Promise.all(players.map(player => opened.t.test(`${player.name} plays ${what} of ${publisher.name}`, { skip: lacks(player.tool) || false }, t => {
            const peer = opened.play(player);
            return opened.explained(async () => {
                await player.judge(peer);
                if (also) await also(opened, peer);
                t.diagnostic(JSON.stringify({ ...peer.figures, requests: undefined }));
                await opened.end(peer);
            });
        })));
        await opened.explained(async () => {
            await opened.end(source);
            await opened.gone();
        });
    });
}
