import assert from 'node:assert/strict';
import { receives } from './harness/judge.mjs';
import { scene, withServer } from './harness/scenario.mjs';
import { werift } from './harness/stacks.mjs';

withServer();

for (const codec of ['h264', 'vp8']) {
    scene(`werift publishes ${codec} and opus, werift plays it`, {}, async ({ publish, play }) => {
        const publisher = publish(werift, codec);
        const player = play(werift, codec);
        await receives(player);
        assert.equal(await player.end(), 200);
        assert.equal(await publisher.end(), 200);
    });
}
