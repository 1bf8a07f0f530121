// The least a WHIP or WHEP client can do, without the project's own client code.
export class Session {
  /** @param {RTCPeerConnection} peer @param {string | undefined} key @param {{ tcpOnly?: boolean, bitrate?: number }} options */
  constructor(peer, key, { tcpOnly = false, bitrate }) {
    this.peer = peer;
    this.key = key;
    this.tcpOnly = tcpOnly;
    this.bitrate = bitrate;
    this.location = '';
    this.etag = '';
    this.links = '';
    this.answer = '';
  }

  #headers(more = {}) {
    return { ...(this.key === undefined ? {} : { Authorization: `Bearer ${this.key}` }), ...more };
  }

  /** @param {string} url */
  async offer(url) {
    await this.peer.setLocalDescription(await this.peer.createOffer());
    const response = await this.#post(url, { headers: this.#headers({ 'Content-Type': 'application/sdp' }), body: this.peer.localDescription.sdp });
    this.answer = await response.text();
    await this.peer.setRemoteDescription({ type: 'answer', sdp: this.#filtered(this.answer) });
  }

  /** Lets the server offer. @param {string} url */
  async answerTo(url) {
    const response = await this.#post(url, { headers: this.#headers() });
    await this.peer.setRemoteDescription({ type: 'offer', sdp: this.#filtered(await response.text()) });
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    const answered = await fetch(this.location, { method: 'PATCH', headers: this.#headers({ 'Content-Type': 'application/sdp' }), body: this.peer.localDescription.sdp });
    if (answered.status !== 204) {
      throw new Error(`PATCH with the answer: ${answered.status} ${await answered.text()}`);
    }
  }

  async #post(url, init) {
    const response = await fetch(url, { method: 'POST', ...init });
    if (response.status !== 201) {
      throw new Error(`POST ${url}: ${response.status} ${await response.text()}`);
    }
    this.location = new URL(response.headers.get('Location'), url).href;
    this.etag = response.headers.get('ETag') ?? '';
    this.links = response.headers.get('Link') ?? '';
    return response;
  }

  /** The server's description as the browser gets to see it. */
  #filtered(sdp) {
    const kept = this.tcpOnly ? sdp.replaceAll(/^a=candidate:\S+ \d udp .*\r\n/gim, '') : sdp;
    return this.bitrate === undefined ? kept : trusting(kept, this.bitrate);
  }

  /** Where a relation of the answer's Link header points. @param {string} relation */
  link(relation) {
    const target = this.links.split(/,\s*(?=<)/).find((link) => link.includes(relation))?.match(/<([^>]*)>/)?.[1];
    return target === undefined ? undefined : new URL(target, this.location).href;
  }

  async restartIce() {
    const before = fragmentOf(this.answer);
    await this.peer.setLocalDescription(await this.peer.createOffer({ iceRestart: true }));
    const lines = this.peer.localDescription.sdp.split('\r\n');
    const one = (prefix) => lines.find((line) => line.startsWith(prefix));
    const body = [
      'a=ice-options:trickle ice2', one('a=group:BUNDLE'), one('m='), one('a=mid:'), one('a=ice-ufrag:'), one('a=ice-pwd:'),
    ].join('\r\n') + '\r\n';
    const response = await fetch(this.location, {
      method: 'PATCH',
      headers: this.#headers({ 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '"*"' }),
      body,
    });
    const fragment = await response.text();
    if (response.status !== 200) {
      throw new Error(`PATCH: ${response.status} ${fragment}`);
    }
    const fresh = (prefix) => fragment.split(/\r?\n/).find((line) => line.startsWith(prefix));
    this.answer = this.answer.split('\r\n')
      .map((line) => (line.startsWith('a=ice-ufrag:') ? fresh('a=ice-ufrag:') : line.startsWith('a=ice-pwd:') ? fresh('a=ice-pwd:') : line)).join('\r\n');
    await this.peer.setRemoteDescription({ type: 'answer', sdp: this.#filtered(this.answer) });
    const etag = response.headers.get('ETag') ?? '';
    const result = { status: response.status, before, after: fragmentOf(fragment), tagChanged: etag !== '' && etag !== this.etag };
    this.etag = etag;
    return result;
  }

  /** A trickle PATCH under a tag; gives the status. @param {string | undefined} etag */
  async trickle(etag) {
    const lines = this.peer.localDescription.sdp.split('\r\n');
    const one = (prefix) => lines.find((line) => line.startsWith(prefix));
    const response = await fetch(this.location, {
      method: 'PATCH',
      headers: this.#headers({ 'Content-Type': 'application/trickle-ice-sdpfrag', ...(etag === undefined ? {} : { 'If-Match': etag }) }),
      body: [one('m='), one('a=mid:'), one('a=ice-ufrag:'), one('a=ice-pwd:'), 'a=end-of-candidates'].join('\r\n') + '\r\n',
    });
    return response.status;
  }

  async chooseLayer(encodingId, mediaId) {
    const url = this.link('urn:ietf:params:whep:ext:core:layer');
    const response = encodingId === null
      ? await fetch(url, { method: 'DELETE', headers: this.#headers() })
      : await fetch(url, {
          method: 'POST',
          headers: this.#headers({ 'Content-Type': 'application/json' }),
          body: JSON.stringify({ encodingId, ...(mediaId === null ? {} : { mediaId }) }),
        });
    return response.status;
  }

  /** @param {(name: string, data: string) => void} heard */
  async listen(heard) {
    const names = ['active', 'inactive', 'layers', 'viewercount'];
    const url = this.link('urn:ietf:params:whep:ext:core:server-sent-events');
    const response = await fetch(url, { method: 'POST', headers: this.#headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(names) });
    const source = new EventSource(new URL(response.headers.get('Location'), url).href);
    for (const name of names) {
      source.addEventListener(name, (event) => heard(name, event.data));
    }
    return source;
  }

  async delete() {
    const response = await fetch(this.location, { method: 'DELETE', headers: this.#headers() });
    return response.status;
  }
}

/** A peer connection with its session: what publications and viewings have in common. Who extends it sets `peer` and `session`, and says how to `drop`. */
export class Connected {
  protocol() {
    return selectedProtocol(this.peer);
  }

  state() {
    return stateOf(this.peer);
  }

  restartIce() {
    return this.session.restartIce();
  }

  trickle(etag) {
    return this.session.trickle(etag ?? undefined);
  }

  async stop() {
    const status = await this.session.delete();
    this.drop();
    return status;
  }
}

// Left to itself the browser begins at 300 kbit/s, and takes a busy machine's late packets for a narrow network: layers then stay away for as long as
// it climbs back. Without feedback on arrival times it sends what it is told to.
function trusting(sdp, bitrate) {
  return sdp
    .replaceAll(/^a=rtcp-fb:\S+ (?:transport-cc|goog-remb)\r\n/gm, '')
    .replaceAll(/^a=extmap:\S+ http:\/\/www\.ietf\.org\/id\/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n/gm, '')
    .replaceAll(/^a=rtpmap:(\d+) (?:VP8|VP9|H264|AV1)\/90000\r\n/gm, `$&a=fmtp:$1 x-google-start-bitrate=${Math.round(bitrate / 1000)}\r\n`);
}

function fragmentOf(sdp) {
  return /a=ice-ufrag:(\S+)/.exec(sdp)?.[1];
}

/** Resolves when media can flow. @param {RTCPeerConnection} peer */
export function connected(peer) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Not connected in 20 s: ICE ${peer.iceConnectionState}, whole ${peer.connectionState}`)), 20_000);
    const look = () => {
      if (peer.connectionState === 'connected') {
        clearTimeout(timer);
        resolve(undefined);
      } else if (peer.connectionState === 'failed') {
        clearTimeout(timer);
        reject(new Error('The connection failed'));
      }
    };
    peer.addEventListener('connectionstatechange', look);
    look();
  });
}

/** `closed` once the server has closed DTLS, else the peer connection's own state. @param {RTCPeerConnection} peer */
function stateOf(peer) {
  const transports = [...peer.getSenders(), ...peer.getReceivers()].map((each) => each.transport?.state);
  return transports.includes('closed') || transports.includes('failed') ? 'closed' : peer.connectionState;
}

/** All statistics as one array. @param {RTCPeerConnection} peer */
export async function report(peer) {
  return [...(await peer.getStats()).values()];
}

/** @param {RTCPeerConnection} peer */
async function selectedProtocol(peer) {
  const all = await report(peer);
  const transport = all.find((each) => each.type === 'transport');
  const pair = all.find((each) => each.id === transport?.selectedCandidatePairId);
  return all.find((each) => each.id === pair?.localCandidateId)?.protocol;
}
