import type { Player } from '@sluice/player';
import type { Publisher } from '@sluice/publisher';

interface Handle {
  player?: Player | undefined;
  publisher?: Publisher | undefined;
}

declare global {
  interface Window {
    /** The player or publisher of the page, for diagnosis in the browser's console and for tests. */
    sluice: Handle;
  }
}

window.sluice = {};

export function expose(handle: Handle): void {
  Object.assign(window.sluice, handle);
}
