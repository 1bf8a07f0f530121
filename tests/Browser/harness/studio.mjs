// The test's side of the plain page: publications and viewings by handle.
import { until } from './until.mjs';

/**
 * @typedef {object} PictureOptions
 * @property {number} [width] 320 unless told
 * @property {number} [height] 180 unless told
 * @property {number} [framesPerSecond] 15 unless told
 * @property {boolean} [busy] noise all over, which takes many bits
 * @property {number} [scene] a landscape in this hue instead, without the clock
 */

/**
 * @typedef {object} PublishOptions
 * @property {PictureOptions[]} [pictures] one, unless told; none for sound only
 * @property {boolean} [sound] true unless told
 * @property {string} [codec] such as `VP8`
 * @property {RTCRtpEncodingParameters[]} [encodings]
 * @property {boolean} [tcpOnly] drops UDP candidates from the answer
 * @property {number} [bitrate] what the browser takes the network for, instead of an estimate of its own
 */

/**
 * @typedef {object} WatchOptions
 * @property {number} [pictures] 1 unless told
 * @property {boolean} [sound] true unless told
 * @property {boolean} [tcpOnly] drops UDP candidates from the answer
 * @property {boolean} [serverOffers] POSTs nothing and answers the server's offer
 * @property {boolean} [events] subscribes to the server-sent events
 */

export class Studio {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
  }

  /** Closes the page as a crash would: nothing is said to the server. */
  vanish() {
    return this.page.context().close();
  }

  /** The codecs of which this browser has an encoder. @returns {Promise<string[]>} */
  sendableCodecs() {
    return this.page.evaluate(() => RTCRtpSender.getCapabilities('video').codecs.map((codec) => codec.mimeType.split('/')[1]));
  }

  /** @param {string} url @param {string} key @param {PublishOptions} [options] */
  async publish(url, key, options = {}) {
    return new Publication(this.page, await this.page.evaluate((a) => globalThis.studio.publish(...a), [url, key, options]));
  }

  /** @param {string} url @param {WatchOptions} [options] */
  async watch(url, options = {}) {
    return new Viewing(this.page, await this.page.evaluate((a) => globalThis.studio.watch(...a), [url, options]));
  }
}

class Connected {
  /** @param {import('playwright-core').Page} page @param {number} handle */
  constructor(page, handle) {
    this.page = page;
    this.handle = handle;
  }

  /** @param {string} method @param {...unknown} args */
  call(method, ...args) {
    return this.page.evaluate(([handle, name, more]) => globalThis.studio.call(handle, name, ...more), [this.handle, method, args]);
  }

  /** The protocol of the selected pair: `udp` or `tcp`. */
  protocol() {
    return this.call('protocol');
  }

  /** `connected`, `disconnected`, `closed`, and so on; a DTLS close shows as `closed`. */
  state() {
    return this.call('state');
  }

  /** Restarts ICE by PATCH; gives the status, and the user fragments of the server before and after. */
  restartIce() {
    return this.call('restartIce');
  }

  /** DELETEs the session and closes; gives the status. */
  stop() {
    return this.call('stop');
  }

  /** Closes the peer connection without a word to the server over HTTP. */
  drop() {
    return this.call('drop');
  }
}

/** @typedef {{ codec: string, width: number, height: number, framesEncoded: number, bytesSent: number, limitation: string, rid?: string }} SentPicture */

export class Publication extends Connected {
  /** Sends pictures of a fraction of the size from now on. @param {number} by */
  scale(by) {
    return this.call('scale', by);
  }

  /** Sends a simulcast layer or leaves it out. @param {string} rid @param {boolean} active */
  activate(rid, active) {
    return this.call('activate', rid, active);
  }

  /** @returns {Promise<{ pictures: SentPicture[], audioBytes: number, availableBitrate: number, at: number }>} */
  statistics() {
    return this.call('statistics');
  }
}

/**
 * @typedef {object} ReceivedPicture
 * @property {string} codec
 * @property {number} width of the element
 * @property {number} height of the element
 * @property {number} framesDecoded
 * @property {number} freezeCount
 * @property {number} longestGap milliseconds between two pictures shown, the longest since `forgetGaps`
 * @property {number | undefined} playoutAt estimated playout timestamp
 * @property {number[]} latencies milliseconds from drawing to showing, the newest
 */

/** @typedef {{ pictures: ReceivedPicture[], sound: { energy: number, duration: number, concealedSamples: number, playoutAt: number | undefined } | undefined }} Received */

export class Viewing extends Connected {
  /** @returns {Promise<Received>} */
  statistics() {
    return this.call('statistics');
  }

  forgetGaps() {
    return this.call('forgetGaps');
  }

  /** The data of the newest server-sent event of a name; undefined where none has come. @param {string} name */
  event(name) {
    return this.call('event', name);
  }

  /** POSTs the choice, or with undefined DELETEs it; gives the status. @param {string | undefined} encodingId @param {string} [mediaId] */
  chooseLayer(encodingId, mediaId) {
    return this.call('chooseLayer', encodingId ?? null, mediaId ?? null);
  }

  /** Waits until this many more pictures than now are decoded. @param {number} [more] @param {number} [which] @param {number} [within] */
  async pictures(more = 10, which = 0, within = 20_000) {
    const before = (await this.statistics()).pictures[which]?.framesDecoded ?? 0;
    return until(`${more} more pictures are decoded`, async () => {
      const received = await this.statistics();
      return (received.pictures[which]?.framesDecoded ?? 0) >= before + more && received;
    }, { within, state: () => this.statistics() });
  }

  /** Waits until the sound has more energy than now. @param {number} [within] */
  async sound(within = 20_000) {
    const before = (await this.statistics()).sound?.energy ?? 0;
    return until('sound is heard', async () => {
      const received = await this.statistics();
      return (received.sound?.energy ?? 0) > before + 1e-4 && received;
    }, { within, state: () => this.statistics() });
  }

  /** Waits until the element shows this width. @param {number} width @param {number} [which] @param {number} [within] */
  shows(width, which = 0, within = 20_000) {
    return until(`the picture is ${width} wide`, async () => {
      const received = await this.statistics();
      return received.pictures[which]?.width === width && received;
    }, { within, state: () => this.statistics() });
  }
}
