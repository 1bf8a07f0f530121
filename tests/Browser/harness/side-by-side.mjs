// Tests that mostly wait for time to pass run two at a time, those of all suites of a process together, after the others.
import { describe, test } from 'node:test';

/** @typedef {Parameters<typeof test>} Registration */

/** @type {Registration[]} */
const waiting = [];
/** @type {Registration[]} */
const last = [];

function begin() {
  if (waiting.length > 0) {
    describe('Side by side', { concurrency: 2 }, () => waiting.forEach((each) => void test(...each)));
  }
  last.forEach((each) => void test(...each));
}

/** @param {Registration[]} list @param {Registration} registration */
function defer(list, registration) {
  if (waiting.length + last.length === 0) {
    // When all suites are loaded.
    setImmediate(begin);
  }
  list.push(registration);
}

/** As `test`, for one that shares the machine with another: it judges no delay, and takes little of the processor. @param {Registration} registration */
export function sideBySide(...registration) {
  defer(waiting, registration);
}

/** As `test`, for one that comes after all others. @param {Registration} registration */
export function atLast(...registration) {
  defer(last, registration);
}
