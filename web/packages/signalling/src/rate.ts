/** Turns a growing counter into a rate per second. A counter that shrinks belongs to a new session and starts afresh. */
export class RateMeter {
  #value: number | undefined;
  #at = 0;

  /** `at` in milliseconds. The first sample, and one taken at the same moment, give undefined. */
  sample(value: number | undefined, at: number): number | undefined {
    const before = this.#value;
    const elapsed = at - this.#at;
    if (value === undefined) {
      return undefined;
    }
    this.#value = value;
    this.#at = at;
    return before === undefined || value < before || elapsed <= 0 ? undefined : ((value - before) * 1000) / elapsed;
  }
}

/** The mean of what was added between two samples of a sum and its count, such as the jitter buffer's delay. */
export class MeanMeter {
  #sum: number | undefined;
  #count = 0;

  sample(sum: number | undefined, count: number | undefined): number | undefined {
    if (sum === undefined || count === undefined) {
      return undefined;
    }
    const beforeSum = this.#sum;
    const beforeCount = this.#count;
    this.#sum = sum;
    this.#count = count;
    return beforeSum === undefined || count <= beforeCount || sum < beforeSum ? undefined : (sum - beforeSum) / (count - beforeCount);
  }
}
