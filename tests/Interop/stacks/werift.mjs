// werift: WebRTC written in TypeScript. It sends RTP that ffmpeg made, and gives RTP as it came.
import { MediaStreamTrack, RTCPeerConnection, useH264, useNACK, useOPUS, usePLI, useVP8 } from 'werift';
import { options, say, serve } from './control.mjs';
import { feed } from './feed.mjs';
import { Reception } from './reception.mjs';
import { Signalling } from './signalling.mjs';

const PayloadTypes = { video: 97, audio: 111 };
const NtpFraction = 2 ** 32;
const feedback = [useNACK(), usePLI()];
const video = options.codec === 'h264'
    ? useH264({ payloadType: PayloadTypes.video, rtcpFeedback: feedback, parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' })
    : useVP8({ payloadType: PayloadTypes.video, rtcpFeedback: feedback });
const peer = new RTCPeerConnection({
    codecs: { video: [video], audio: [useOPUS({ payloadType: PayloadTypes.audio })] },
    iceServers: [],
    iceUseIpv4: options.family !== 6,
    iceUseIpv6: options.family === 6,
    bundlePolicy: 'max-bundle',
});
peer.connectionStateChange.subscribe(state => say('state', { state }));
const signalling = new Signalling(options);
const isPublisher = options.direction === 'publish';
const tracks = { video: new MediaStreamTrack({ kind: 'video' }), audio: new MediaStreamTrack({ kind: 'audio' }) };
const receptions = {
    video: new Reception('video', options.codec, 90_000, [PayloadTypes.video]),
    audio: new Reception('audio', 'opus', 48_000, [PayloadTypes.audio]),
};
const asked = { nacks: 0, plis: 0 };
let source = null;

for (const kind of ['video', 'audio']) {
    const transceiver = peer.addTransceiver(isPublisher ? tracks[kind] : kind, { direction: isPublisher ? 'sendonly' : 'recvonly' });
    if (isPublisher) {
        transceiver.sender.onGenericNack.subscribe(() => asked.nacks++);
        transceiver.sender.onPictureLossIndication.subscribe(() => asked.plis++);
    } else {
        transceiver.onTrack.subscribe(track => {
            track.onReceiveRtp.subscribe(packet => receptions[kind].onRtp(packet.serialize()));
            track.onReceiveRtcp.subscribe(packet => {
                const report = packet.senderInfo;
                if (packet.type !== 200 || !report) return;
                const ntp = BigInt(report.ntpTimestamp);
                receptions[kind].onReport(Number(ntp >> 32n) + Number(ntp & 0xffffffffn) / NtpFraction, Number(report.rtpTimestamp));
            });
        });
    }
}

// Not until it has gathered all: it asks a public STUN server even when told of none, and waits for the answer.
const candidates = [];
const gathered = new Promise(resolve => peer.onIceCandidate.subscribe(candidate => {
    if (candidate) candidates.push(`a=candidate:${candidate.candidate.replace('candidate:', '')}`);
    resolve();
}));
const gathering = peer.setLocalDescription(await peer.createOffer());
await gathered;
const { answer, location, setup } = await signalling.exchange(peer.localDescription.sdp, { ...options, candidates });
say('answered', { location, setup });
gathering.catch(error => say('trouble', { text: String(error) }));
await peer.setRemoteDescription({ type: 'answer', sdp: answer });
if (isPublisher) source = await feed(options.codec, PayloadTypes, packet => tracks.video.writeRtp(packet), packet => tracks.audio.writeRtp(packet));

serve(() => isPublisher ? { asked } : { video: receptions.video.figures(), audio: receptions.audio.figures() }, async () => {
    source?.stop();
    const status = await signalling.end();
    await peer.close();
    return status;
});
