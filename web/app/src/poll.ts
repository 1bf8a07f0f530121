/** Runs a task now and again every `interval`, while the page is in view, until the signal fires. */
export function poll(interval: number, signal: AbortSignal, task: () => Promise<void>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  const run = async (): Promise<void> => {
    if (running || signal.aborted || document.hidden) {
      return;
    }
    running = true;
    try {
      await task();
    } finally {
      running = false;
      schedule();
    }
  };
  const schedule = (): void => {
    clearTimeout(timer);
    if (!signal.aborted) {
      timer = setTimeout(() => void run(), interval);
    }
  };
  document.addEventListener('visibilitychange', () => void run(), { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  void run();
}

/** Calls back every second until the signal fires. */
export function everySecond(signal: AbortSignal, task: () => void): void {
  const timer = setInterval(task, 1000);
  signal.addEventListener('abort', () => clearInterval(timer));
  task();
}
