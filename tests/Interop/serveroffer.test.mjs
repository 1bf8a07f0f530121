// WHEP the other way round: the player asks for the server's offer and answers it.
import { scene, withServer } from './harness/scenario.mjs';
import { aiortc, libdatachannel, libwebrtc } from './harness/stacks.mjs';

withServer();
for (const [publisher, codec, player] of [[libdatachannel, 'h264', aiortc], [aiortc, 'vp8', libwebrtc]]) {
    const name = `${player.name} answers the server's offer and plays ${codec} and opus of ${publisher.name}`;
    scene(name, codec, { stacks: [publisher, player] }, async opened => {
        const source = opened.publish(publisher);
        await opened.explained(() => source.connected());
        const peer = opened.play({ ...player, options: { ...player.options, serverOffers: true } });
        await opened.explained(async () => {
            await player.judge(peer);
            for (const one of [peer, source]) await opened.end(one);
        });
    });
}
