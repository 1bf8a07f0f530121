import { authorization, Emitter, isAborted, pause } from '@sluice/signalling';
import { parseLayers, parseViewerCount } from './layers.ts';
import type { Layer } from './layers.ts';

export interface ServerEventMap {
  active: undefined;
  inactive: undefined;
  layers: readonly Layer[];
  viewers: number;
}

const wanted = ['active', 'inactive', 'layers', 'viewercount'];

/** A subscription that ended is made anew after this time. */
const renewal = 5_000;

/** The server-sent events of one WHEP session. Missing events harm nothing: the player also watches the media itself. */
export class ServerEvents extends Emitter<ServerEventMap> {
  /** Listens until the signal fires. */
  async listen(url: string, offered: string | undefined, token: string | undefined, signal: AbortSignal): Promise<void> {
    const names = offered === undefined ? wanted : wanted.filter((name) => offered.split(',').some((each) => each.trim() === name));
    while (!isAborted(signal)) {
      await this.#read(await this.#subscribe(url, names, token, signal), signal);
      await pause(renewal, signal);
    }
  }

  /** Resolves when the stream is closed for good; what breaks only briefly the browser mends itself. */
  #read(address: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const source = new EventSource(address);
      const on = (name: string, listener: (data: string) => void): void =>
        source.addEventListener(name, (event: MessageEvent<string>) => listener(event.data), { signal });
      on('active', () => this.emit('active', undefined));
      on('inactive', () => this.emit('inactive', undefined));
      on('layers', (data) => this.emit('layers', parseLayers(data)));
      on('viewercount', (data) => {
        const count = parseViewerCount(data);
        if (count !== undefined) {
          this.emit('viewers', count);
        }
      });
      const end = (): void => {
        source.close();
        resolve();
      };
      source.addEventListener('error', () => {
        if (source.readyState === EventSource.CLOSED) {
          end();
        }
      });
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) {
        end();
      }
    });
  }

  /** Names the events by POST, which gives the stream's address; a server without that step streams from the first one. */
  async #subscribe(url: string, names: readonly string[], token: string | undefined, signal: AbortSignal): Promise<string> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...authorization(token) },
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
