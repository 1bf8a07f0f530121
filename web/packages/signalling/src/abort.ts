/** Waits, unless the signal fires first; then rejects with the signal's reason. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(asError(signal.reason));
      return;
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(asError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Waits out the delay, but no longer than until the device is back on a network. Returns early when the signal fires. */
export async function pauseUntilOnline(milliseconds: number, signal: AbortSignal): Promise<void> {
  const early = new AbortController();
  globalThis.addEventListener('online', () => early.abort(), { signal: early.signal });
  try {
    await pause(milliseconds, AbortSignal.any([signal, early.signal]));
  } catch {
    // Stopped or back online; the caller looks at its own signal.
  } finally {
    early.abort();
  }
}

/** Settles with the promise, or rejects as soon as the signal fires. The promise itself goes on unobserved. */
export function race<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(asError(signal.reason));
    if (signal.aborted) {
      onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new DOMException('Aborted', 'AbortError');
}

/** Asks afresh: across an await, the compiler would believe the last answer. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
