// What runs in the page of a browser: one of other people's WHIP and WHEP libraries, and the figures the browser keeps about it.
import { WHIPClient as EyevinnPublisher } from '@eyevinn/whip-web-client';
import { WebRTCPlayer as EyevinnPlayer } from '@eyevinn/webrtc-player';
import { WHEPClient as MedoozePlayer } from '@binbat/whip-whep/whep.js';
import { WHIPClient as MedoozePublisher } from '@binbat/whip-whep/whip.js';

const peers = [];
const requests = [];

// The libraries keep their connections and requests to themselves.
const NativePeer = window.RTCPeerConnection;
window.RTCPeerConnection = class extends NativePeer {
    constructor(configuration) {
        super(configuration);
        peers.push(this);
        this.addEventListener('connectionstatechange', () => window.told('state', { state: this.connectionState }));
    }
};
const nativeFetch = window.fetch.bind(window);
window.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const request = { method: init.method ?? 'GET', status: 0, ifMatch: headers.has('If-Match') };
    requests.push(request);
    const answer = await nativeFetch(input, init);
    request.status = answer.status;
    if (!answer.ok) console.log(`${request.method} ${answer.status}: ${await answer.clone().text()}\n${init.body ?? ''}`);
    if (request.method === 'POST' && answer.status === 201 && answer.headers.get('Content-Type')?.startsWith('application/sdp')) {
        window.told('answered', { location: answer.headers.get('Location'), setup: /a=setup:(\w+)/.exec(await answer.clone().text())?.[1] });
    }
    return answer;
};

function prefer(transceiver, codec) {
    const codecs = RTCRtpReceiver.getCapabilities('video').codecs;
    const is = name => c => c.mimeType.toLowerCase() === `video/${name}`;
    transceiver.setCodecPreferences([...codecs.filter(is(codec)), ...codecs.filter(is('rtx'))]);
}

const preferEach = (peer, codec) => peer.getTransceivers().filter(t => (t.sender.track ?? t.receiver.track).kind === 'video').forEach(t => prefer(t, codec));

// A library that makes the offer itself has no say about codecs; they are chosen just before it does.
function preferInOffers(codec) {
    const createOffer = NativePeer.prototype.createOffer;
    NativePeer.prototype.createOffer = function (...more) {
        preferEach(this, codec);
        return createOffer.apply(this, more);
    };
}

const makers = {
    'eyevinn publish': async ({ url, key }, media) => {
        const client = new EyevinnPublisher({ endpoint: url, opts: { authkey: key, iceServers: [] } });
        await client.ingest(media);
        return () => client.destroy();
    },
    'eyevinn play': async ({ url }) => {
        const player = new EyevinnPlayer({ video: document.querySelector('video'), type: 'whep', iceServers: [] });
        await player.load(new URL(url));
        return () => player.unload();
    },
    'medooze publish': async ({ url, key }, media) => {
        const peer = new RTCPeerConnection();
        for (const track of media.getTracks()) peer.addTransceiver(track, { direction: 'sendonly', streams: [media] });
        const client = new MedoozePublisher();
        await client.publish(peer, url, key);
        return () => client.stop();
    },
    'medooze play': async ({ url }) => {
        const peer = new RTCPeerConnection();
        const shown = new MediaStream();
        peer.ontrack = ({ track }) => shown.addTrack(track);
        document.querySelector('video').srcObject = shown;
        for (const kind of ['audio', 'video']) peer.addTransceiver(kind, { direction: 'recvonly' });
        const client = new MedoozePlayer();
        await client.view(peer, url);
        return () => client.stop();
    },
};

let end;

window.start = async options => {
    preferInOffers(options.codec);
    const media = options.direction === 'publish' ? await navigator.mediaDevices.getUserMedia({ video: true, audio: true }) : null;
    end = await makers[`${options.library} ${options.direction}`](options, media);
};

/** Ends the session as the library does, and returns the status of its DELETE. */
window.end = async () => {
    await end();
    return requests.findLast(r => r.method === 'DELETE')?.status;
};

window.figures = async () => {
    const stats = [...(await peers.at(-1).getStats()).values()];
    const of = (type, kind) => stats.find(s => s.type === type && s.kind === kind) ?? {};
    const pick = (from, ...names) => Object.fromEntries(names.filter(n => from[n] !== undefined).map(n => [n, from[n]]));
    const video = of('inbound-rtp', 'video');
    const audio = of('inbound-rtp', 'audio');
    const codec = id => stats.find(s => s.id === id)?.mimeType;
    const loss = ['packetsReceived', 'packetsLost', 'nackCount', 'pliCount', 'retransmittedPacketsReceived', 'framesDropped', 'freezeCount', 'jitter'];
    return {
        video: { frames: video.framesDecoded ?? 0, width: video.frameWidth ?? 0, height: video.frameHeight ?? 0 },
        audio: { samples: audio.totalSamplesReceived ?? 0, energy: audio.totalAudioEnergy ?? 0 },
        inbound: { codec: codec(video.codecId), ...pick(video, ...loss) },
        outbound: { codec: codec(of('outbound-rtp', 'video').codecId), ...pick(of('outbound-rtp', 'video'), 'framesEncoded', 'packetsSent', 'pliCount', 'nackCount') },
        sound: pick(audio, 'packetsReceived', 'concealedSamples', 'silentConcealedSamples', 'audioLevel'),
        energySent: stats.find(s => s.type === 'media-source' && s.kind === 'audio')?.totalAudioEnergy,
        requests,
    };
};
