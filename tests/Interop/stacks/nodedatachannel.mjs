// libdatachannel through node-datachannel: what OBS publishes WHIP with. As OBS does, it names its sections "video" and "audio", sends its
// whole offer in one POST, and never trickles.
import * as library from 'node-datachannel';
import { options, say, serve } from './control.mjs';
import { feed } from './feed.mjs';
import { Reception } from './reception.mjs';
import { Signalling } from './signalling.mjs';

const PayloadTypes = { video: 96, audio: 111 };
const ClockRates = { video: 90_000, audio: 48_000 };
const Ssrcs = { video: 1_000_001, audio: 1_000_002 };
const KeptPackets = 500;
const KeyframeInterval = 1000;
const isPublisher = options.direction === 'publish';
const way = isPublisher ? 'SendOnly' : 'RecvOnly';

const peer = new library.PeerConnection('interop', { iceServers: [], disableAutoNegotiation: true });
peer.onStateChange(state => say('state', { state }));
const gathered = new Promise(resolve => peer.onGatheringStateChange(state => state === 'complete' && resolve()));

function describe(kind) {
    const media = kind === 'video' ? new library.Video(kind, way) : new library.Audio(kind, way);
    if (kind === 'audio') media.addOpusCodec(PayloadTypes.audio);
    else if (options.codec === 'h264') media.addH264Codec(PayloadTypes.video);
    else media.addVP8Codec(PayloadTypes.video);
    if (isPublisher) media.addSSRC(Ssrcs[kind], 'interop', 'stream', kind);
    return media;
}

const tracks = {};
const receptions = {};
const clocks = {};
for (const kind of ['video', 'audio']) {
    const track = tracks[kind] = peer.addTrack(describe(kind));
    const reception = receptions[kind] = new Reception(kind, kind === 'video' ? options.codec : 'opus', ClockRates[kind], [PayloadTypes[kind]]);
    if (isPublisher) {
        clocks[kind] = new library.RtpPacketizationConfig(Ssrcs[kind], 'interop', PayloadTypes[kind], ClockRates[kind]);
        const handler = new library.RtcpSrReporter(clocks[kind]);
        handler.addToChain(new library.RtcpNackResponder(KeptPackets));
        track.setMediaHandler(handler);
    } else {
        // The library's receiving session keeps sender reports to itself: sound goes without one, so that its reports are seen too.
        if (kind === 'video') track.setMediaHandler(new library.RtcpReceivingSession());
        track.onMessage(message => isRtcp(message) ? reception.onRtcp(message) : reception.onRtp(message));
    }
}

const isRtcp = message => message[1] >= 192 && message[1] <= 223;

peer.setLocalDescription('offer');
await gathered;
const signalling = new Signalling(options);
const { answer, location, setup } = await signalling.exchange(peer.localDescription().sdp, options);
say('answered', { location, setup });
peer.setRemoteDescription(answer, 'answer');

// The server's closing is heard on a thread of the library: a track that was open when asked may be closed when used.
function unlessClosed(track, use) {
    if (!track.isOpen()) return;
    try {
        use(track);
    } catch (error) {
        if (track.isOpen()) throw error;
    }
}

let source = null;
let timer = null;
let sent = 0;
if (isPublisher) {
    const send = (kind, packet) => unlessClosed(tracks[kind], track => {
        packet.writeUInt32BE(Ssrcs[kind], 8);
        clocks[kind].timestamp = packet.readUInt32BE(4);
        track.sendMessageBinary(packet);
        sent++;
    });
    source = await feed(options.codec, PayloadTypes, packet => send('video', packet), packet => send('audio', packet));
} else {
    // Players ask for a picture while they have none.
    timer = setInterval(() => receptions.video.frames === 0 && unlessClosed(tracks.video, track => track.requestKeyframe()), KeyframeInterval);
}

serve(() => isPublisher ? { sent } : { video: receptions.video.figures(), audio: receptions.audio.figures() }, async () => {
    source?.stop();
    clearInterval(timer);
    const status = await signalling.end();
    peer.close();
    return status;
});
