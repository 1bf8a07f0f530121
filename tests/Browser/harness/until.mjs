// Waiting for conditions: never for a time.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither false nor undefined, and gives it. Fails with the last answer's words when it takes too long.
 * @template T
 * @param {string} what the condition, for the failure's sentence
 * @param {() => Promise<T | false | undefined> | T | false | undefined} ask
 * @param {{ within?: number, state?: () => unknown }} [options] `state` is put into the failure
 * @returns {Promise<T>}
 */
export async function until(what, ask, { within = 20_000, state } = {}) {
  const deadline = performance.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) {
      return answer;
    }
    if (performance.now() > deadline) {
      const seen = state === undefined ? '' : ` Seen last: ${JSON.stringify(await state())}`;
      throw new Error(`Not within ${within / 1000} s: ${what}.${seen}`);
    }
    await pause(100);
  }
}
