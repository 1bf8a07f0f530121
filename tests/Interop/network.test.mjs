// IPv6 alone, and a link that loses datagrams both ways.
import { relay, withServer } from './harness/scenario.mjs';
import { aiortc, libdatachannel, libwebrtc, werift } from './harness/stacks.mjs';

const EnoughFrames = 300;

withServer();
relay(libdatachannel, 'h264', [aiortc, werift], { link: 'six', family: 6, title: ' over IPv6' });
relay(libwebrtc, 'vp8', [libwebrtc], { link: 'six', family: 6, title: ' over IPv6' });

// Frames keep coming although packets get lost on the way in and on the way out.
relay(libwebrtc, 'vp8', [libwebrtc], {
    link: 'lossy', title: ' over a link that loses 5 %', skip: process.env.SLUICE_INTEROP_NO_LOSS,
    async also({ server, channel, peer }) {
        await peer.until(`decodes ${EnoughFrames} frames, some of them repaired`, f => f.video.frames >= EnoughFrames && f.inbound.nackCount > 0);
        const { publisher } = (await server.streams()).find(stream => stream.channel === channel.id);
        if (!(publisher.packetsNacked > 0)) throw new Error(`the server asked for nothing again: ${JSON.stringify(publisher)}`);
    },
});
