import { ClockReader } from './clock-picture.js';
import { Connected, connected, report, Session } from './session.js';

const keptLatencies = 60;

export class Viewing extends Connected {
  /** @param {string} url @param {object} options see WatchOptions */
  static async open(url, options) {
    const viewing = new Viewing();
    await viewing.#open(url, options);
    return viewing;
  }

  async #open(url, { pictures = 1, sound = true, tcpOnly, serverOffers = false, events = false }) {
    this.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.session = new Session(this.peer, undefined, { tcpOnly });
    this.screens = [];
    this.heard = new Map();
    // One element each: two pictures of one stream are to be told apart. The sound goes with the first.
    this.peer.addEventListener('track', ({ track, transceiver }) => {
      if (track.kind === 'video') {
        this.screens.push(new Screen(transceiver));
      } else {
        this.speaker = document.createElement('audio');
        this.speaker.srcObject = new MediaStream([track]);
        void this.speaker.play();
      }
    });
    if (serverOffers) {
      await this.session.answerTo(url);
    } else {
      for (let number = 0; number < pictures; number += 1) {
        this.peer.addTransceiver('video', { direction: 'recvonly' });
      }
      if (sound) {
        this.peer.addTransceiver('audio', { direction: 'recvonly' });
      }
      await this.session.offer(url);
    }
    await connected(this.peer);
    if (events) {
      this.source = await this.session.listen((name, data) => this.heard.set(name, JSON.parse(data)));
    }
  }

  chooseLayer(encodingId, mediaId) {
    return this.session.chooseLayer(encodingId, mediaId);
  }

  event(name) {
    return this.heard.get(name);
  }

  forgetGaps() {
    this.screens.forEach((screen) => screen.forgetGap());
  }

  async statistics() {
    const all = await report(this.peer);
    const inbound = all.filter((each) => each.type === 'inbound-rtp');
    const codecOf = (each) => all.find((codec) => codec.id === each?.codecId)?.mimeType.split('/')[1];
    const sound = inbound.find((each) => each.kind === 'audio');
    return {
      pictures: this.screens.map((screen) => {
        const each = inbound.find((one) => one.mid === screen.transceiver.mid);
        return {
          codec: codecOf(each),
          width: screen.video.videoWidth,
          height: screen.video.videoHeight,
          framesDecoded: each?.framesDecoded ?? 0,
          freezeCount: each?.freezeCount ?? 0,
          packetsLost: each?.packetsLost ?? 0,
          longestGap: screen.longestGap,
          playoutAt: each?.estimatedPlayoutTimestamp,
          latencies: screen.latencies,
        };
      }),
      sound: sound === undefined ? undefined : {
        energy: sound.totalAudioEnergy ?? 0,
        duration: sound.totalSamplesDuration ?? 0,
        concealedSamples: sound.concealedSamples ?? 0,
        playoutAt: sound.estimatedPlayoutTimestamp,
      },
    };
  }

  /** The browser's own counts of what it receives. */
  async inbound() {
    return (await report(this.peer)).filter((each) => each.type === 'inbound-rtp');
  }

  drop() {
    this.source?.close();
    this.peer.close();
    this.screens.forEach((screen) => screen.video.remove());
  }
}

/** A video element that notes how long pictures stay away and how old they are. */
class Screen {
  constructor(transceiver) {
    this.transceiver = transceiver;
    this.video = document.createElement('video');
    this.video.muted = true;
    this.video.autoplay = true;
    this.video.width = 200;
    this.video.srcObject = new MediaStream([transceiver.receiver.track]);
    document.body.append(this.video);
    this.reader = new ClockReader();
    this.latencies = [];
    this.longestGap = 0;
    this.shownAt = undefined;
    this.#next();
  }

  #next() {
    this.video.requestVideoFrameCallback(() => {
      const now = performance.now();
      this.longestGap = Math.max(this.longestGap, now - (this.shownAt ?? now));
      this.shownAt = now;
      const age = this.reader.age(this.video);
      if (age !== undefined) {
        this.latencies = [...this.latencies, age].slice(-keptLatencies);
      }
      this.#next();
    });
  }

  forgetGap() {
    this.longestGap = 0;
    this.shownAt = performance.now();
  }
}
