/** Keeps the screen from going dark while `needed`: on a phone, that would end the camera. */
export function stayAwake(needed: () => boolean, signal: AbortSignal): void {
  // Typed as always there; on plain http and in older browsers it is not.
  const { wakeLock } = navigator as Partial<Navigator>;
  if (wakeLock === undefined) {
    return;
  }
  let lock: WakeLockSentinel | undefined;
  let asking = false;
  const check = async (): Promise<void> => {
    const want = needed() && !signal.aborted;
    if (!want && lock !== undefined) {
      await lock.release();
      lock = undefined;
    } else if (want && !asking && !document.hidden && (lock === undefined || lock.released)) {
      asking = true;
      // Refused when the battery is low; then the person must tap now and again.
      lock = await wakeLock.request('screen').catch(() => undefined);
      asking = false;
    }
  };
  const timer = setInterval(() => void check(), 2000);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    void check();
  });
}
