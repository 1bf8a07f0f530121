/** Where a player is, in seconds. */
export interface Place {
  /** Behind the newest picture there is. */
  readonly behind: number;
  /** How far behind the server would have it. */
  readonly target: number;
  /** What is buffered ahead of the picture on the screen. */
  readonly ahead: number;
}

/** Lateness at which catching up begins, and at which it is enough. What is known of the newest picture trembles by less. */
const late = 0.06;
const level = 0.01;
/** Whoever is this late plays faster still. */
const veryLate = 0.6;
/** Who fell this far behind, in seconds, has gone back on purpose or must jump: playing a little faster does not help. */
export const farBehind = 4;
/** The buffer that is needed to begin, and to go on: a part's length and some. */
const plenty = 0.45;
const enough = 0.25;
/** Each stall adds to the target, up to the most; what was added is taken back a little at a time. */
const step = 0.3;
const most = 1.5;
const back = 0.1;
/** Milliseconds: a stall this soon after the beginning, or after another, says nothing new of the path. */
const same = 3_000;
/** Milliseconds without a stall until the target comes nearer; twice as many with each stall. */
const shortest = 30_000;
const longest = 600_000;

/**
 * How fast to play so that a viewer who fell behind comes to the newest pictures again: a little faster, with the pitch kept, as long as there is something to play. Stalls
 * move the target away, and time without them brings it back. hls.js does likewise, but catches up with more than a second of buffer only, which nobody has who plays parts,
 * and forgets no stall. Times of the wall clock come in milliseconds; knows no clock and no element.
 */
export class CatchUp {
  readonly #begunAt: number;
  #isOn = false;
  #cushion = 0;
  #patience = shortest;
  #movedAt = 0;

  /** @param now when it begins to play */
  constructor(now: number) {
    this.#begunAt = now;
  }

  /** Seconds on top of the server's target, for the stalls there were. */
  get cushion(): number {
    return this.#cushion;
  }

  /** It had to stop for want of pictures. */
  stalled(now: number): void {
    if (now - this.#begunAt < same || now - this.#movedAt < same) {
      return;
    }
    this.#cushion = Math.min(this.#cushion + step, most);
    this.#patience = this.#movedAt === 0 ? shortest : Math.min(this.#patience * 2, longest);
    this.#movedAt = now;
  }

  /** The playback rate from here on. */
  rate({ behind, target, ahead }: Place, now: number): number {
    if (this.#cushion > 0 && now - this.#movedAt >= this.#patience) {
      this.#cushion = Math.max(0, this.#cushion - back);
      this.#movedAt = now;
    }
    const lateness = behind - target - this.#cushion;
    this.#isOn = lateness < farBehind && (this.#isOn ? lateness > level && ahead > enough : lateness > late && ahead > plenty);
    if (!this.#isOn) {
      return 1;
    }
    return lateness > veryLate ? 1.1 : 1.05;
  }
}
