export interface Backoff {
  /** Delay before the first retry, in milliseconds. */
  readonly first: number;
  /** No delay is longer than this, in milliseconds. */
  readonly ceiling: number;
  readonly factor: number;
}

export const defaultBackoff: Backoff = { first: 500, ceiling: 15_000, factor: 1.8 };

/**
 * The delay before retry number `attempt` (from 0): exponential, capped, and spread over its upper half, so that a
 * thousand viewers of a restarted server do not come back in the same instant.
 */
export function backoffDelay(attempt: number, random: number, backoff: Backoff = defaultBackoff): number {
  const whole = Math.min(backoff.ceiling, backoff.first * backoff.factor ** Math.max(0, attempt));
  return Math.round(whole / 2 + (whole / 2) * random);
}
