import { Emitter } from '@sluice/signalling';
import { parseLayers, parseViewerCount } from './layers.ts';
import type { Layer } from './layers.ts';

export interface ServerEventMap {
  active: undefined;
  inactive: undefined;
  layers: readonly Layer[];
  viewers: number;
}

const wanted = ['active', 'inactive', 'layers', 'viewercount'];

/** The server-sent events of one WHEP session. Missing events harm nothing: the player also watches the media itself. */
export class ServerEvents extends Emitter<ServerEventMap> {
  async listen(url: string, offered: string | undefined, token: string | undefined, signal: AbortSignal): Promise<void> {
    const names = offered === undefined ? wanted : wanted.filter((name) => offered.split(',').some((each) => each.trim() === name));
    const source = new EventSource(await this.#subscribe(url, names, token, signal));
    if (signal.aborted) {
      source.close();
      return;
    }
    signal.addEventListener('abort', () => source.close(), { once: true });
    source.addEventListener('active', () => this.emit('active', undefined), { signal });
    source.addEventListener('inactive', () => this.emit('inactive', undefined), { signal });
    source.addEventListener('layers', (event: MessageEvent<string>) => this.emit('layers', parseLayers(event.data)), { signal });
    source.addEventListener(
      'viewercount',
      (event: MessageEvent<string>) => {
        const count = parseViewerCount(event.data);
        if (count !== undefined) {
          this.emit('viewers', count);
        }
      },
      { signal },
    );
  }

  /** Names the events by POST, which gives the stream's address; a server without that step streams from the first one. */
  async #subscribe(url: string, names: readonly string[], token: string | undefined, signal: AbortSignal): Promise<string> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
        body: JSON.stringify(names),
        signal,
      });
      const location = response.headers.get('Location');
      return response.status === 201 && location !== null ? new URL(location, url).href : url;
    } catch {
      return url;
    }
  }
}
