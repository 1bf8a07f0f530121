// WHIP and WHEP over HTTP for stacks that bring only the peer connection.

/** POSTs an offer; with trickle it goes without candidates, which follow by PATCH one at a time: those of the offer and those given beside. */
export class Signalling {
    #resource;
    #etag;
    #headers;

    constructor({ url, key }) {
        this.url = url;
        this.#headers = key ? { Authorization: `Bearer ${key}` } : {};
    }

    async exchange(offer, { setup = 'actpass', trickle = 'none', candidates = [] }) {
        const sdp = offer.replaceAll(/a=setup:\w+/g, `a=setup:${setup}`);
        const body = trickle === 'none' ? sdp : withoutCandidates(sdp);
        const { text, location } = await this.#create({ method: 'POST', headers: { ...this.#headers, 'Content-Type': 'application/sdp' }, body });
        if (trickle !== 'none') await this.#trickle(sdp, trickle, candidates);
        return { answer: text, location, setup: /a=setup:(\w+)/.exec(text)?.[1] };
    }

    /** Asks for the server's offer. */
    async request() {
        const { text, location } = await this.#create({ method: 'POST', headers: this.#headers });
        return { offer: text, location };
    }

    /** Answers the server's offer. */
    async answer(sdp) {
        const headers = { ...this.#headers, 'Content-Type': 'application/sdp' };
        const taken = await fetch(this.#resource, { method: 'PATCH', headers, body: sdp });
        if (taken.status !== 204) throw new Error(`PATCH ${this.#resource}: ${taken.status} ${await taken.text()}`);
    }

    async #create(request) {
        const made = await fetch(this.url, request);
        const text = await made.text();
        if (made.status !== 201) throw new Error(`POST ${this.url}: ${made.status} ${text}`);
        const location = made.headers.get('location');
        this.#resource = new URL(location, this.url);
        this.#etag = made.headers.get('etag');
        return { text, location };
    }

    async #trickle(sdp, trickle, candidates) {
        const of = name => new RegExp(`^a=${name}:(.*)\\r?$`, 'm').exec(sdp)[1].trim();
        const media = sdp.slice(sdp.search(/^m=/m)).split('\n')[0].trim();
        const lines = [...sdp.matchAll(/^a=(candidate:.*?)\r?$/gm)].map(m => `a=${m[1]}`);
        for (const line of [...new Set([...lines, ...candidates]), 'a=end-of-candidates']) {
            const body = [`a=ice-ufrag:${of('ice-ufrag')}`, `a=ice-pwd:${of('ice-pwd')}`, media, `a=mid:${of('mid')}`, line, ''].join('\r\n');
            const headers = { ...this.#headers, 'Content-Type': 'application/trickle-ice-sdpfrag' };
            if (trickle === 'matched') headers['If-Match'] = this.#etag;
            const answer = await fetch(this.#resource, { method: 'PATCH', headers, body });
            if (answer.status !== 204) throw new Error(`PATCH ${this.#resource}: ${answer.status} ${await answer.text()}`);
        }
    }

    async end() {
        const answer = await fetch(this.#resource, { method: 'DELETE', headers: this.#headers });
        await answer.arrayBuffer();
        return answer.status;
    }
}

const withoutCandidates = sdp => sdp.replaceAll(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, '');
