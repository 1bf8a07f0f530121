import { ClockPicture } from './clock-picture.js';
import { Connected, connected, report, Session } from './session.js';

export class Publication extends Connected {
  /** @param {string} url @param {string} key @param {object} options see PublishOptions */
  static async open(url, key, options) {
    const publication = new Publication();
    await publication.#open(url, key, options);
    return publication;
  }

  async #open(url, key, { pictures = [{}], sound = true, codec, encodings, tcpOnly, bitrate }) {
    this.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.session = new Session(this.peer, key, { tcpOnly, bitrate });
    this.pictures = pictures.map((options) => new ClockPicture(options));
    const stream = new MediaStream(this.pictures.map((picture) => picture.track));
    if (sound) {
      this.audio = new AudioContext({ sampleRate: 48_000 });
      const tone = new OscillatorNode(this.audio, { frequency: 440 });
      const out = new MediaStreamAudioDestinationNode(this.audio);
      tone.connect(new GainNode(this.audio, { gain: 0.3 })).connect(out);
      tone.start();
      await this.audio.resume();
      this.peer.addTransceiver(out.stream.getAudioTracks()[0], { direction: 'sendonly', streams: [stream] });
    }
    for (const { track } of this.pictures) {
      const transceiver = this.peer.addTransceiver(track, { direction: 'sendonly', streams: [stream], ...(encodings === undefined ? {} : { sendEncodings: encodings }) });
      if (codec !== undefined) {
        const all = RTCRtpSender.getCapabilities('video').codecs;
        const isWanted = (each) => each.mimeType.toLowerCase() === `video/${codec.toLowerCase()}`;
        const repair = (each) => /\/(rtx|red|ulpfec|flexfec-03)$/i.test(each.mimeType);
        transceiver.setCodecPreferences(all.filter((each) => isWanted(each) || repair(each)));
      }
      // What is slow here is the machine, not the network: pictures may come seldom but not small.
      const parameters = transceiver.sender.getParameters();
      parameters.degradationPreference = 'maintain-resolution';
      await transceiver.sender.setParameters(parameters);
    }
    await this.session.offer(url);
    await connected(this.peer);
  }

  async statistics() {
    const all = await report(this.peer);
    const codecOf = (each) => all.find((codec) => codec.id === each.codecId)?.mimeType.split('/')[1];
    const sent = all.filter((each) => each.type === 'outbound-rtp');
    // Several pairs may be nominated, one after the other; only the one in use has an estimate.
    const inUse = all.find((each) => each.type === 'transport')?.selectedCandidatePairId;
    return {
      at: performance.now(),
      pictures: sent.filter((each) => each.kind === 'video').map((each) => ({
        codec: codecOf(each),
        width: each.frameWidth ?? 0,
        height: each.frameHeight ?? 0,
        framesEncoded: each.framesEncoded ?? 0,
        bytesSent: each.bytesSent,
        limitation: each.qualityLimitationReason,
        rid: each.rid,
      })),
      audioBytes: sent.find((each) => each.kind === 'audio')?.bytesSent ?? 0,
      availableBitrate: all.find((each) => each.id === inUse)?.availableOutgoingBitrate ?? 0,
    };
  }

  /** Sends pictures of a fraction of the size from now on. */
  scale(by) {
    return this.#encode((encoding) => {
      encoding.scaleResolutionDownBy = by;
    });
  }

  /** Sends one layer or leaves it out. */
  activate(rid, active) {
    return this.#encode((encoding) => {
      encoding.active = encoding.rid === rid ? active : encoding.active;
    });
  }

  async #encode(change) {
    for (const sender of this.peer.getSenders().filter((each) => each.track?.kind === 'video')) {
      const parameters = sender.getParameters();
      parameters.encodings.forEach(change);
      await sender.setParameters(parameters);
    }
  }

  drop() {
    this.peer.close();
    this.pictures.forEach((picture) => picture.stop());
    void this.audio?.close();
  }
}
