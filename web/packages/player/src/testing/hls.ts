import type { Failure } from '@sluice/signalling';
import { expect, vi } from 'vitest';
import { FakePeer, FakeServer, pretendBrowser, pretendEvents } from '../../../signalling/src/testing/browser.ts';
import type { Answers } from '../../../signalling/src/testing/browser.ts';
import { Player } from '../player.ts';
import type { PlayerOptions } from '../player.ts';

interface Heard {
  readonly onSuccess: (response: { data: unknown }, stats: object, context: { readonly type: string }, details: null) => void;
}

/** Loads what the test says that there is. */
export class FakeLoader {
  static text = '#EXTM3U\n';
  load(context: { readonly type: string }, _config: object, heard: Heard): void {
    heard.onSuccess({ data: FakeLoader.text }, {}, context, null);
  }
}

/** hls.js as far as the player knows it. It does what the test tells it to. */
export class FakeHls {
  static supported = true;
  static readonly made: FakeHls[] = [];
  static readonly Events = {
    ERROR: 'error', LEVEL_LOADED: 'levelLoaded', LEVEL_UPDATED: 'levelUpdated', FRAG_BUFFERED: 'fragBuffered', MANIFEST_PARSED: 'parsed', LEVEL_SWITCHED: 'switched',
  };
  static readonly DefaultConfig = { loader: FakeLoader };
  static isSupported = (): boolean => FakeHls.supported;

  readonly asked: string[] = [];
  readonly config: Record<string, unknown>;
  readonly levels = [{ width: 1280, height: 720, bitrate: 2_000_000, videoCodec: 'avc1.64001f', audioCodec: 'mp4a.40.2' }];
  currentLevel = 0;
  nextLevel = -1;
  latency = 1.4;
  playingDate: Date | null = null;
  latestLevelDetails: Record<string, unknown> | null = null;
  liveSyncPosition: number | null = null;
  destroyed = false;
  source = '';
  readonly #listeners = new Map<string, ((name: string, data: unknown) => void)[]>();

  constructor(config: Record<string, unknown>) {
    this.config = config;
    FakeHls.made.push(this);
  }

  on(name: string, listener: (name: string, data: unknown) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  tell(name: keyof typeof FakeHls.Events, data: unknown): void {
    for (const listener of this.#listeners.get(FakeHls.Events[name]) ?? []) {
      listener(name, data);
    }
  }

  fault(type: string, details: string, more: { readonly fatal?: boolean; readonly status?: number } = {}): void {
    this.tell('ERROR', { fatal: more.fatal ?? true, type, details, response: more.status === undefined ? undefined : { code: more.status } });
  }

  /** The server has a live playlist of this length, and its newest picture is at its end. */
  playlist(seconds: number, live = true): void {
    this.latestLevelDetails = { fragmentStart: 0, edge: seconds, live, advanced: true };
    this.liveSyncPosition = seconds - 1;
    this.tell('LEVEL_LOADED', { details: this.latestLevelDetails });
    this.tell('LEVEL_UPDATED', { details: this.latestLevelDetails });
  }

  /** Where the playlists tell it to begin, in seconds before their end. */
  get startsBack(): number | undefined {
    const Loader = this.config['pLoader'] as typeof FakeLoader | undefined;
    let begins: number | undefined;
    for (const type of Loader === undefined ? [] : ['manifest', 'level']) {
      new (Loader ?? FakeLoader)().load({ type }, {}, { onSuccess: ({ data }) => {
        const offset = /^#EXT-X-START:TIME-OFFSET=-([\d.]+),PRECISE=YES$/m.exec(String(data))?.[1];
        begins = offset === undefined ? begins : Number(offset);
      } });
    }
    return begins;
  }

  loadSource(url: string): void {
    this.source = url;
  }
  attachMedia(): void {
    this.asked.push('attach');
  }
  startLoad(at?: number): void {
    this.asked.push(at === undefined ? 'load' : `load ${at}`);
  }
  recoverMediaError(): void {
    this.asked.push('recover');
  }
  swapAudioCodec(): void {
    this.asked.push('swap');
  }
  destroy(): void {
    this.destroyed = true;
  }
}

/** A video element without a picture. */
export class FakeVideo extends EventTarget {
  srcObject: unknown = null;
  src = '';
  currentSrc = 'blob:';
  currentTime = 0;
  duration = Number.POSITIVE_INFINITY;
  readyState = 0;
  paused = false;
  muted = true;
  error: { readonly code: number } | null = null;
  videoWidth = 1280;
  videoHeight = 720;
  native = '';
  end = 0;
  readonly buffered = { length: 0 };
  get seekable(): object {
    return { length: this.end > 0 ? 1 : 0, start: () => 0, end: () => this.end };
  }
  canPlayType = (): string => this.native;
  getVideoPlaybackQuality = (): object => ({ totalVideoFrames: Math.round(this.currentTime * 30), droppedVideoFrames: 0 });
  play = (): Promise<void> => {
    this.paused = false;
    return Promise.resolve();
  };
  removeAttribute(): void {
    this.src = '';
  }
  load(): void {
    // Nothing to load.
  }
}

export class FakeStorage {
  readonly items = new Map<string, string>();
  getItem = (name: string): string | null => this.items.get(name) ?? null;
  setItem = (name: string, value: string): void => void this.items.set(name, value);
  removeItem = (name: string): void => void this.items.delete(name);
}

export const playlist = (): Response => new Response('#EXTM3U\n', { status: 200 });
export const later = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

/** A server, a browser and an element: what a player meets. */
export class Stage {
  readonly server: FakeServer;
  readonly storage: FakeStorage;
  readonly video = new FakeVideo();
  readonly sources: readonly EventTarget[];

  constructor(answers: Answers = {}, storage = new FakeStorage()) {
    const events = '</session/1/events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="active,inactive"';
    this.server = new FakeServer({
      ...answers,
      POST: (path, number) => answers.POST?.(path, number) ??
        (path.endsWith('/events') ? new Response(null, { status: 201, headers: { Location: '/session/1/events/1' } }) : undefined) as Response,
    }, { Link: events });
    this.storage = storage;
    pretendBrowser(this.server);
    FakeHls.made.length = 0;
    FakeHls.supported = true;
    vi.stubGlobal('localStorage', storage);
    this.sources = pretendEvents();
  }

  async start(options: Partial<PlayerOptions> = {}): Promise<Player> {
    const player = this.player(options);
    player.start();
    await later(0);
    return player;
  }

  player(options: Partial<PlayerOptions> = {}): Player {
    return new Player({ url: '/whep/night_owls', hls: '/hls/night_owls/index.m3u8', video: this.element, ...options });
  }

  get element(): HTMLVideoElement {
    return this.video as unknown as HTMLVideoElement;
  }

  /** Pictures come by HLS for so long. */
  async roll(seconds: number, length?: number): Promise<void> {
    this.video.readyState = 4;
    for (let each = 0; each < seconds * 4; each += 1) {
      this.video.currentTime += 0.25;
      if (length !== undefined) {
        this.hls.playlist(length + each / 4);
      }
      await later(250);
    }
  }

  /** Pictures come by WebRTC for so long. */
  async stream(seconds: number): Promise<void> {
    for (let each = 0; each < seconds * 4; each += 1) {
      const frames = (this.peer.report[0] as { framesDecoded?: number } | undefined)?.framesDecoded ?? 0;
      this.peer.report = [{ type: 'inbound-rtp', kind: 'video', frameWidth: 1280, frameHeight: 720, framesDecoded: frames + 8, bytesReceived: (frames + 8) * 5000 }];
      await later(250);
    }
  }

  /** The server tells over the events of the session. */
  say(name: 'active' | 'inactive'): void {
    this.sources.at(-1)?.dispatchEvent(new MessageEvent(name, { data: '{}' }));
  }

  get peer(): FakePeer {
    const peer = FakePeer.made.at(-1);
    if (peer === undefined) {
      throw new Error('The player opened no connection.');
    }
    return peer;
  }

  get hls(): FakeHls {
    const hls = FakeHls.made.at(-1);
    if (hls === undefined) {
      throw new Error('The player made no hls.js.');
    }
    return hls;
  }

  /** How often the stream was asked for by WebRTC. */
  get offers(): number {
    return this.server.heard.filter((each) => each === 'POST /whep/night_owls').length;
  }
}

export function expectFailure(failure: Failure | undefined, kind: string, words: RegExp): void {
  expect(failure?.kind).toBe(kind);
  expect(failure?.detail).toMatch(words);
}
