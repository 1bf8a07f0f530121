import { Failure } from '@sluice/signalling';
import type { PathMemory } from './path-memory.ts';
import type { Protocol, ProtocolWish } from './protocol.ts';

/** While nothing is on the air by HLS, WebRTC is asked again this often. */
const webRtcAgain = 60_000;
/** A server that has no HLS for a stream is not asked for it again before. */
const hlsAgain = 60_000;
/** So many connections in a row that broke right after they opened are no use. */
const flapping = 3;

/**
 * What follows the end of a playback: the other protocol, or the same one, at once; `wait` a moment for the stream; or
 * `fail` with a failure, which is tried again or final as its kind says.
 */
export type Sequel = { readonly next: 'go-on' } | { readonly next: 'wait' } | { readonly next: 'fail'; readonly failure: Failure };

export interface Offered {
  readonly webrtc: boolean;
  readonly hls: boolean;
}

const goOn: Sequel = { next: 'go-on' };

/** Decides by what to play. Knows no browser and no clock. */
export class ProtocolChoice {
  wish: ProtocolWish = 'auto';
  /** The viewer went back in time, where only HLS leads. */
  rewound = false;
  readonly #offered: Offered;
  readonly #memory: PathMemory;
  /** Why WebRTC is not used. */
  #against: Failure | undefined;
  #webRtcTriedAt = Number.NEGATIVE_INFINITY;
  #hlsAbsentUntil = Number.NEGATIVE_INFINITY;
  #hlsWaits = false;
  #hlsPlayed = false;
  /** The server's own words for it: there is WebRTC or nothing. */
  #webRtcOnly: string | undefined;
  #brief = 0;

  constructor(offered: Offered, memory: PathMemory) {
    this.#offered = offered;
    this.#memory = memory;
  }

  /** Why HLS is used instead of WebRTC; undefined where it is not, or by wish, or because an earlier visit found WebRTC blocked. */
  get against(): Failure | undefined {
    return this.#against;
  }

  /** HLS could take over if WebRTC does not come through: then it is waited for only briefly. */
  hasAlternative(now: number): boolean {
    return this.#offered.hls && this.wish === 'auto' && this.#hlsAbsentUntil <= now;
  }

  next(now: number): Protocol {
    const protocol = this.#choose(now);
    if (protocol === 'webrtc') {
      this.#webRtcTriedAt = now;
    }
    return protocol;
  }

  #choose(now: number): Protocol {
    if (!this.#offered.hls || !this.#offered.webrtc) {
      return this.#offered.webrtc ? 'webrtc' : 'hls';
    }
    if (this.rewound) {
      return 'hls';
    }
    if (this.wish !== 'auto') {
      return this.wish;
    }
    if (this.#hlsAbsentUntil > now || (this.#against === undefined && !this.#memory.isBlocked(now))) {
      return 'webrtc';
    }
    return this.#hlsWaits && now - this.#webRtcTriedAt >= webRtcAgain ? 'webrtc' : 'hls';
  }

  /** Media can flow. */
  opened(protocol: Protocol, now: number): void {
    if (protocol === 'webrtc') {
      this.#memory.clear();
      this.#against = undefined;
      this.#hlsWaits = false;
    } else {
      // Only now is it sure that it is WebRTC that fails, and not the server.
      if (this.#against?.kind === 'no-path' && !this.#hlsPlayed) {
        this.#memory.block(now);
      }
      this.#hlsPlayed = true;
      this.#hlsWaits = false;
    }
  }

  /** `lasted` is how long it was open, in milliseconds; undefined where it never opened. */
  ended(protocol: Protocol, failure: Failure, lasted: number | undefined, now: number): Sequel {
    return protocol === 'webrtc' ? this.#webRtcEnded(failure, lasted, now) : this.#hlsEnded(failure, now);
  }

  /** The viewer chose, or came back from the past: what was found out before does not count any more. */
  forget(): void {
    this.#against = undefined;
    this.#hlsAbsentUntil = Number.NEGATIVE_INFINITY;
    this.#hlsWaits = false;
    this.#memory.clear();
  }

  #webRtcEnded(failure: Failure, lasted: number | undefined, now: number): Sequel {
    this.#brief = failure.kind === 'connection-lost' && (lasted ?? Number.POSITIVE_INFINITY) < 10_000 ? this.#brief + 1 : 0;
    if (failure.kind === 'no-path' && this.#webRtcOnly !== undefined) {
      return { next: 'fail', failure: this.#blocked(failure) };
    }
    const useless = failure.kind === 'no-path' || failure.kind === 'unsupported' || failure.kind === 'stalled' || this.#brief >= flapping;
    if (!useless || !this.hasAlternative(now)) {
      return { next: 'fail', failure };
    }
    this.#brief = 0;
    this.#against = failure;
    this.#hlsPlayed = false;
    return goOn;
  }

  #hlsEnded(failure: Failure, now: number): Sequel {
    const against = this.#against;
    if (failure.kind === 'off-air') {
      if (this.rewound) {
        this.rewound = false;
        return goOn;
      }
      if (against !== undefined && against.kind !== 'no-path') {
        // A refusal holds for one stream. Where HLS has that stream neither, the refusal is all there is to say.
        this.#against = undefined;
        if (this.#hlsPlayed) {
          return goOn;
        }
        this.#hlsAbsentUntil = now + hlsAgain;
        return { next: 'fail', failure: against };
      }
      this.#hlsWaits = true;
      return { next: 'wait' };
    }
    if (failure.kind === 'unsupported' && this.#offered.webrtc && (this.rewound || this.wish === 'auto')) {
      this.#hlsAbsentUntil = Number.POSITIVE_INFINITY;
      this.#webRtcOnly = failure.status === 501 ? failure.detail : undefined;
      if (this.rewound) {
        this.rewound = false;
        return goOn;
      }
      this.#against = undefined;
      // What WebRTC said comes first; without it, an old memory alone led here.
      return against === undefined ? goOn : { next: 'fail', failure: against.kind === 'no-path' ? this.#blocked(against) : against };
    }
    return { next: 'fail', failure };
  }

  #blocked(failure: Failure): Failure {
    return this.#webRtcOnly === undefined ? failure : new Failure('no-path', `${this.#webRtcOnly} Your network blocks it: no media comes through.`);
  }
}
