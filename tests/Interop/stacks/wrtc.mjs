// libwebrtc through @roamhq/wrtc: encodes and decodes VP8, VP9 and AV1 itself.
import wrtc from '@roamhq/wrtc';
import { options, say, serve } from './control.mjs';
import { Signalling } from './signalling.mjs';

const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = wrtc.nonstandard;
const Picture = { width: 320, height: 180, rate: 30 };
const SampleRate = 48_000;
const SamplesPerCall = SampleRate / 100;
const Tone = 440;
const isPublisher = options.direction === 'publish';

const peer = new wrtc.RTCPeerConnection({ bundlePolicy: 'max-bundle' });
peer.onconnectionstatechange = () => say('state', { state: peer.connectionState });
const decoded = { video: { frames: 0, width: 0, height: 0, contrast: 0 }, audio: { samples: 0, energy: 0 } };
const timers = [];

function prefer(transceiver, codec) {
    const codecs = wrtc.RTCRtpSender.getCapabilities('video').codecs;
    const name = `video/${codec}`;
    transceiver.setCodecPreferences([...codecs.filter(c => c.mimeType.toLowerCase() === name), ...codecs.filter(c => c.mimeType === 'video/rtx')]);
}

function publish() {
    const pictures = new RTCVideoSource();
    const tones = new RTCAudioSource();
    prefer(peer.addTransceiver(pictures.createTrack(), { direction: 'sendonly' }), options.codec);
    peer.addTransceiver(tones.createTrack(), { direction: 'sendonly' });
    let number = 0;
    timers.push(setInterval(() => pictures.onFrame(draw(number++)), 1000 / Picture.rate));
    let phase = 0;
    const started = performance.now();
    timers.push(setInterval(() => {
        // As many blocks of 10 ms as time has passed, since timers are late on a busy machine.
        for (; phase < (performance.now() - started) * SampleRate / 1000; phase += SamplesPerCall) {
            const samples = Int16Array.from({ length: SamplesPerCall }, (_, i) => 8000 * Math.sin(2 * Math.PI * Tone * (phase + i) / SampleRate));
            tones.onData({ samples, sampleRate: SampleRate, bitsPerSample: 16, channelCount: 1, numberOfFrames: SamplesPerCall });
        }
    }, 10));
}

// A gradient that moves.
function draw(number) {
    const { width, height } = Picture;
    const data = new Uint8ClampedArray(width * height * 1.5);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) data[y * width + x] = (x + y + 3 * number) & 0xff;
    }
    data.fill(128, width * height);
    return { width, height, data };
}

function play() {
    if (!options.serverOffers) {
        for (const kind of ['video', 'audio']) peer.addTransceiver(kind, { direction: 'recvonly' });
        prefer(peer.getTransceivers()[0], options.codec);
    }
    peer.ontrack = ({ track }) => {
        if (track.kind === 'video') {
            new RTCVideoSink(track).onframe = ({ frame }) => {
                const { width, height, data } = frame;
                Object.assign(decoded.video, { frames: decoded.video.frames + 1, width, height });
                if (decoded.video.frames % 10 === 0) decoded.video.contrast = contrastOf(data.subarray(0, width * height));
            };
        } else {
            new RTCAudioSink(track).ondata = ({ samples, numberOfFrames }) => {
                decoded.audio.samples += numberOfFrames;
                decoded.audio.energy += samples.reduce((sum, s) => sum + s * s, 0) / 2 ** 30;
            };
        }
    };
}

function contrastOf(luma) {
    let low = 255;
    let high = 0;
    for (const value of luma) {
        if (value < low) low = value;
        if (value > high) high = value;
    }
    return high - low;
}

async function inbound() {
    const stats = [...(await peer.getStats()).values()];
    const video = stats.find(s => s.type === 'inbound-rtp' && s.kind === 'video') ?? {};
    const { packetsLost, nackCount, pliCount, framesDropped, freezeCount, retransmittedPacketsReceived } = video;
    return { packetsLost, nackCount, pliCount, framesDropped, freezeCount, retransmittedPacketsReceived };
}

if (isPublisher) publish();
else play();
const gathered = new Promise(resolve => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve();
});
const signalling = new Signalling(options);
if (options.serverOffers) {
    const { offer, location } = await signalling.request();
    say('answered', { location });
    await peer.setRemoteDescription({ type: 'offer', sdp: offer });
    await peer.setLocalDescription(await peer.createAnswer());
    await gathered;
    await signalling.answer(peer.localDescription.sdp);
} else {
    await peer.setLocalDescription(await peer.createOffer());
    await gathered;
    const { answer, location, setup } = await signalling.exchange(peer.localDescription.sdp, options);
    say('answered', { location, setup });
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
}

serve(async () => isPublisher ? {} : { ...decoded, inbound: await inbound() }, async () => {
    timers.forEach(clearInterval);
    const status = await signalling.end();
    peer.close();
    return status;
});
