// IPv6 alone, and a link that loses datagrams both ways.
import assert from 'node:assert/strict';
import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, chromium, gstreamer, libdatachannel, libwebrtc, werift } from './harness/stacks.mjs';

const EnoughFrames = 300;

const six = { link: 'six', family: 6, title: ' over IPv6' };
const lossy = {
    link: 'lossy', title: ' over a link that loses 5 %',
    // Frames keep coming although packets get lost on the way in and on the way out.
    async also(scene, player) {
        await player.until(`decodes ${EnoughFrames} frames`, f => f.video.frames >= EnoughFrames);
        if (player.figures.inbound) assert.ok(player.figures.inbound.nackCount > 0, 'the player asks for what it lost');
        const { publisher } = await scene.stream();
        assert.ok(publisher.packetsNacked > 0, `the server asks for what it lost: ${JSON.stringify(publisher)}`);
    },
};

withServer();
relay(libdatachannel, 'h264', [aiortc, werift], six);
relay(libwebrtc, 'vp8', [libwebrtc], six);
relay(libwebrtc, 'vp8', [libwebrtc, aiortc], lossy);
relay(libdatachannel, 'h264', [gstreamer, aiortc], lossy);
relay(chromium, 'h264', [chromium], lossy);
