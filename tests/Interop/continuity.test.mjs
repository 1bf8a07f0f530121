// Viewers that come before there is anything to see, and publishers that replace each other while somebody watches.
import { scene, withServer } from './harness/scenario.mjs';
import { aiortc, gstreamer, libdatachannel, libwebrtc, werift } from './harness/stacks.mjs';

const More = 90;

function early(publisher, codec, players) {
    const stacks = [publisher, ...players];
    scene(`${players.map(p => p.name).join(' and ')} wait for ${codec} that ${publisher.name} publishes later`, codec, { stacks }, async opened => {
        const waiting = players.map(player => opened.play(player));
        await opened.explained(() => Promise.all(waiting.map(peer => peer.connected())));
        const source = opened.publish(publisher);
        await opened.explained(async () => {
            await Promise.all(players.map((player, i) => player.judge(waiting[i])));
            for (const peer of [...waiting, source]) await opened.end(peer);
        });
    });
}

function takeover(first, second, codec, players) {
    const stacks = [first, second, ...players];
    scene(`${players.map(p => p.name).join(' and ')} keep decoding ${codec} while ${second.name} takes over from ${first.name}`, codec, { stacks }, async opened => {
        const replaced = opened.publish(first);
        const watching = players.map(player => opened.play(player));
        await opened.explained(() => Promise.all(players.map((player, i) => player.judge(watching[i]))));
        const successor = opened.publish(second);
        await opened.explained(async () => {
            await successor.connected();
            await replaced.end();
            const before = watching.map(peer => peer.figures.video.frames);
            await Promise.all(watching.map((peer, i) => peer.until(`decodes ${More} frames more`, f => f.video.frames >= before[i] + More)));
            for (const peer of [...watching, successor]) await opened.end(peer);
        });
    });
}

withServer();
early(werift, 'h264', [aiortc, gstreamer, libdatachannel]);
early(aiortc, 'vp8', [libwebrtc, werift]);
takeover(libdatachannel, gstreamer, 'h264', [aiortc, gstreamer]);
takeover(libwebrtc, aiortc, 'vp8', [libwebrtc]);
