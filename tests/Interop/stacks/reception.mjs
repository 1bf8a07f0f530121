// Judges a received RTP stream where the stack decodes nothing: is it complete, in order, of the negotiated type, decodable from its first
// packet, and do sender reports tell its clock.

const NtpFraction = 2 ** 32;

export class Reception {
    #next = -1;
    #missing = new Set();
    #last = null;
    #reports = [];

    constructor(kind, codec, clockRate, payloadTypes) {
        this.kind = kind;
        this.codec = codec;
        this.clockRate = clockRate;
        this.allowed = new Set(payloadTypes);
        this.packets = 0;
        this.frames = 0;
        this.keyframes = 0;
        this.startsWithKeyframe = null;
        this.foreignTypes = 0;
        this.unmarked = 0;
        this.backward = 0;
        this.ssrcs = new Set();
        this.reportError = 0;
    }

    onRtp(packet) {
        const padding = packet[0] & 0x20 ? packet[packet.length - 1] : 0;
        const marker = (packet[1] & 0x80) !== 0;
        const payloadType = packet[1] & 0x7f;
        const sequence = packet.readUInt16BE(2);
        const timestamp = packet.readUInt32BE(4);
        let start = 12 + 4 * (packet[0] & 0x0f);
        if (packet[0] & 0x10) start += 4 + 4 * packet.readUInt16BE(start + 2);
        const payload = packet.subarray(start, packet.length - padding);

        if (!this.allowed.has(payloadType)) this.foreignTypes++;
        this.ssrcs.add(packet.readUInt32BE(8));
        this.packets++;
        if (!this.#isNewest(sequence)) return;
        if (payload.length === 0) return;

        const isKey = this.kind === 'video' && startsKeyframe(this.codec, payload);
        this.startsWithKeyframe ??= isKey;
        if (isKey && this.#last?.keyTimestamp !== timestamp) this.keyframes++;
        const last = this.#last;
        if (last === null || last.timestamp !== timestamp) {
            this.frames++;
            if (last && ((timestamp - last.timestamp) | 0) < 0) this.backward++;
            if (last && this.kind === 'video' && !last.marker && last.sequence === ((sequence - 1) & 0xffff)) this.unmarked++;
        }
        this.#last = { sequence, timestamp, marker, keyTimestamp: isKey ? timestamp : last?.keyTimestamp };
    }

    #isNewest(sequence) {
        if (this.#next < 0) this.#next = sequence;
        const ahead = ((sequence - this.#next) << 16) >> 16;
        if (ahead < 0) {
            this.#missing.delete(sequence);
            return false;
        }
        for (let i = 0; i < ahead; i++) this.#missing.add((this.#next + i) & 0xffff);
        this.#next = (sequence + 1) & 0xffff;
        return true;
    }

    /** Takes a compound RTCP packet, which may speak of other streams too, and keeps what sender reports say of this one. */
    onRtcp(compound) {
        for (let at = 0; at + 8 <= compound.length; at += 4 + 4 * compound.readUInt16BE(at + 2)) {
            if (compound[at + 1] === 200 && at + 28 <= compound.length && this.ssrcs.has(compound.readUInt32BE(at + 4))) {
                this.onReport(compound.readUInt32BE(at + 8) + compound.readUInt32BE(at + 12) / NtpFraction, compound.readUInt32BE(at + 16));
            }
        }
    }

    onReport(ntpSeconds, timestamp) {
        const last = this.#reports.at(-1);
        this.#reports.push({ ntpSeconds, timestamp });
        if (!last) return;
        // The publisher's first report may set the clock of what was reported before it; after that time has to pass alike by both clocks.
        this.reportError = Math.abs(ntpSeconds - last.ntpSeconds - ((timestamp - last.timestamp) | 0) / this.clockRate);
    }

    figures() {
        const { packets, frames, keyframes, startsWithKeyframe, foreignTypes, unmarked, backward, reportError } = this;
        return {
            packets, frames, keyframes, startsWithKeyframe, foreignTypes, unmarked, backward, reportError,
            missing: this.#missing.size, ssrcs: this.ssrcs.size, reports: this.#reports.length,
            // How far the newest packet is from the newest report's clock, to be a few seconds at most.
            reportDistance: this.#last && this.#reports.length ? Math.abs((this.#last.timestamp - this.#reports.at(-1).timestamp) | 0) / this.clockRate : null,
        };
    }
}

function startsKeyframe(codec, payload) {
    return codec === 'h264' ? startsIdr(payload) : codec === 'vp8' ? startsVp8Key(payload) : false;
}

// Parameter sets count: they come right before the picture that needs them.
function startsIdr(payload) {
    const type = payload[0] & 0x1f;
    if (type === 28) return (payload[1] & 0x80) !== 0 && (payload[1] & 0x1f) === 5;
    if (type !== 24) return type === 5 || type === 7;
    for (let at = 1; at + 3 <= payload.length; at += 2 + payload.readUInt16BE(at)) {
        if ([5, 7].includes(payload[at + 2] & 0x1f)) return true;
    }
    return false;
}

function startsVp8Key(payload) {
    if ((payload[0] & 0x1f) !== 0x10) return false;
    let at = 1;
    if (payload[0] & 0x80) {
        const extended = payload[at++];
        if (extended & 0x80) at += payload[at] & 0x80 ? 2 : 1;
        if (extended & 0x40) at++;
        if (extended & 0x30) at++;
    }
    return at < payload.length && (payload[at] & 1) === 0;
}
