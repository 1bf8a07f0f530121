import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../harness/until.mjs';
import { world } from '../harness/world.mjs';

const encodings = [
  { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 80_000 },
  { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 250_000 },
  { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 700_000 },
];
const widths = { l: 240, m: 480, h: 960 };

for (const codec of ['VP8', 'H264']) {
  test(`Of three ${codec} layers each can be chosen, and the automatic choice is the best`, { timeout: 120_000 }, async (t) => {
    const all = await world();
    const { server } = all;
    const stage = await all.studio(t);
    const audience = await all.studio(t);
    if (!(await stage.sendableCodecs()).includes(codec)) {
      t.skip(`this Chromium cannot send ${codec}`);
      return;
    }
    const channel = await server.channel(`Layers ${codec}`);
    const publication = await stage.publish(server.whip(channel), channel.key, {
      codec, encodings, bitrate: 1_500_000, pictures: [{ width: 960, height: 544, framesPerSecond: 12 }],
    });
    const viewing = await audience.watch(server.whep(channel), { events: true });
    const bystander = await audience.watch(server.whep(channel));

    const layers = await until('the event names three layers and their sizes', async () => {
      const media = Object.entries((await viewing.event('layers')) ?? {})[0];
      return media !== undefined && media[1].layers.filter((layer) => layer.width > 0).length === 3 && { mediaId: media[0], ...media[1] };
    }, { within: 40_000, state: async () => [await viewing.event('layers'), (await publication.statistics()).pictures] });
    assert.deepEqual(new Map(layers.layers.map((layer) => [layer.encodingId, layer.width])), new Map(layers.layers.map((layer) => [layer.encodingId, widths[layer.encodingId]])));
    assert.deepEqual(layers.layers.map((layer) => layer.encodingId).sort(), ['h', 'l', 'm']);
    await viewing.shows(960, 0, 40_000);
    await bystander.shows(960);

    const figures = await server.stream(channel);
    assert.deepEqual(figures.tracks.filter((track) => track.kind === 'video').map((track) => track.rid).sort(), ['h', 'l', 'm']);

    for (const rid of ['l', 'm', 'h', 'm', 'l', undefined]) {
      await viewing.forgetGaps();
      await bystander.forgetGaps();
      const encoded = (await publication.statistics()).pictures;
      const before = performance.now();
      assert.equal(await viewing.chooseLayer(rid, rid && layers.mediaId), 204);
      await viewing.shows(widths[rid ?? 'h']);
      const shown = performance.now() - before;
      const { pictures } = await viewing.pictures();
      const other = (await bystander.statistics()).pictures[0];
      const now = (await publication.statistics()).pictures;
      t.diagnostic(`${rid ?? 'the automatic'} layer of ${codec} was shown ${Math.round(shown)} ms after it was chosen`);

      const story = `Choosing ${rid ?? 'the automatic layer'}: the picture stood still for ${Math.round(pictures[0].longestGap)} ms, another viewer's for `
        + `${Math.round(other.longestGap)} ms; encoded meanwhile: ${now.map((each, i) => `${each.rid} ${each.framesEncoded - encoded[i].framesEncoded}`).join(', ')}`;
      assert.ok(pictures[0].longestGap < 2000, story);
      // What one viewer chooses is nothing to another.
      assert.ok(other.longestGap < 2000, story);
      assert.equal(other.width, 960);
    }

    assert.equal(await viewing.chooseLayer('nonsense', layers.mediaId), 409);
    await viewing.pictures();
  });
}
