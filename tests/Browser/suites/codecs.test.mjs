import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

for (const codec of ['H264', 'VP8', 'VP9', 'AV1']) {
  test(`${codec} is decoded by a viewer and named by the API`, { timeout: 90_000 }, async (t) => {
    const { server } = await world();
    const studio = await (await world()).studio(t);
    if (!(await studio.sendableCodecs()).includes(codec)) {
      t.skip(`this Chromium cannot send ${codec}`);
      return;
    }
    const channel = await server.channel(`Codec ${codec}`);
    const publication = await studio.publish(server.whip(channel), channel.key, { codec, pictures: [{ width: 320, height: 240 }] });
    const viewing = await studio.watch(server.whep(channel));

    await viewing.shows(320);
    const received = await viewing.pictures(15);
    await viewing.sound();

    assert.equal(received.pictures[0].codec, codec);
    assert.equal(received.pictures[0].height, 240);
    assert.equal((await publication.statistics()).pictures[0].codec, codec);
    const stream = await until('the API knows the picture’s size', async () => {
      const figures = await server.stream(channel);
      return figures?.tracks.some((track) => track.width !== null) && figures;
    }, { state: () => server.stream(channel) });
    const video = stream.tracks.find((track) => track.kind === 'video');
    assert.deepEqual([video.codec, video.width, video.height], [codec, 320, 240]);
    assert.equal(stream.viewers, 1);
    assert.equal(stream.publisher.protocol, 'whip');
    assert.equal(stream.tracks.find((track) => track.kind === 'audio').codec, 'opus');
    assert.equal(await publication.stop(), 200);
  });
}
