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
        const answer = await fetch(this.url, { method: 'POST', headers: { ...this.#headers, 'Content-Type': 'application/sdp' }, body });
        const text = await answer.text();
        if (answer.status !== 201) throw new Error(`POST ${this.url}: ${answer.status} ${text}`);
        const location = answer.headers.get('location');
        this.#resource = new URL(location, this.url);
        this.#etag = answer.headers.get('etag');
        if (trickle !== 'none') await this.#trickle(sdp, trickle, candidates);
        return { answer: text, location, setup: /a=setup:(\w+)/.exec(text)?.[1] };
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
