import { vi } from 'vitest';

/** A peer connection that does what the test tells it to. */
export class FakePeer extends EventTarget {
  static readonly made: FakePeer[] = [];
  /** False leaves connections without a media path. */
  static connects = true;

  readonly transport = Object.assign(new EventTarget(), { state: 'connected' });
  connectionState = 'new';
  iceConnectionState = 'new';
  /** What getStats() tells. */
  report: readonly object[] = [];
  localDescription: { readonly sdp: string } | undefined;
  #offers = 0;

  constructor() {
    super();
    FakePeer.made.push(this);
  }

  addTransceiver(track: string | { readonly kind: string }): object {
    const kind = typeof track === 'string' ? track : track.kind;
    return { receiver: { track: { kind } }, sender: {} };
  }

  getSenders(): object[] {
    return [{ transport: this.transport }];
  }

  getReceivers(): object[] {
    return [];
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map(this.report.map((entry, index) => [String(index), entry])));
  }

  createOffer(): Promise<{ sdp: string }> {
    this.#offers += 1;
    return Promise.resolve({ sdp: description(`own${this.#offers}`) });
  }

  setLocalDescription(offer: { readonly sdp: string }): Promise<void> {
    this.localDescription = offer;
    return Promise.resolve();
  }

  setRemoteDescription(): Promise<void> {
    if (FakePeer.connects) {
      this.become('connected');
    }
    return Promise.resolve();
  }

  close(): void {
    this.connectionState = 'closed';
  }

  become(state: 'connected' | 'failed'): void {
    this.connectionState = state;
    this.iceConnectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  /** The server's DTLS goodbye. */
  hearGoodbye(): void {
    this.transport.state = 'closed';
    this.transport.dispatchEvent(new Event('statechange'));
  }

  /** The browser finds a way to the network. */
  gather(): void {
    const candidate = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0' };
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate }));
  }
}

export function description(usernameFragment: string): string {
  return ['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', `a=ice-ufrag:${usernameFragment}`, 'a=ice-pwd:password', ''].join('\r\n');
}

export type Answers = Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', (path: string, number: number) => Response>>>;

/** A server with one session after another at /session/1, /session/2, …; `heard` are the requests it got. */
export class FakeServer {
  readonly heard: string[] = [];
  readonly bodies: (string | undefined)[] = [];
  readonly #answers: Answers;
  readonly #headers: Readonly<Record<string, string>>;
  #sessions = 0;

  constructor(answers: Answers, headers: Readonly<Record<string, string>> = {}) {
    this.#answers = answers;
    this.#headers = headers;
  }

  count(method: string): number {
    return this.heard.filter((each) => each.startsWith(method)).length;
  }

  answer(url: string, method: string, body: string | undefined): Response {
    const { pathname } = new URL(url);
    this.heard.push(`${method} ${pathname}`);
    this.bodies.push(body);
    const own = this.#answers[method as keyof Answers]?.(pathname, this.count(method));
    if (own !== undefined) {
      return own;
    }
    if (method === 'GET') {
      return new Response(null, { status: 404 });
    }
    if (method !== 'POST') {
      return new Response(null, { status: method === 'PATCH' ? 204 : 200 });
    }
    this.#sessions += 1;
    return new Response(description('theirs'), { status: 201, headers: { Location: `/session/${this.#sessions}`, ...this.#headers } });
  }
}

/** Puts in place what the packages need of a browser, with clocks that tests turn. */
export function pretendBrowser(server: FakeServer): void {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  FakePeer.made.length = 0;
  FakePeer.connects = true;
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('RTCRtpSender', { getCapabilities: () => null });
  vi.stubGlobal('MediaStream', class {
    readonly #tracks: readonly { readonly kind: string }[];
    constructor(tracks: readonly { readonly kind: string }[] = []) {
      this.#tracks = tracks;
    }
    getTracks = (): unknown => this.#tracks;
    getAudioTracks = (): unknown => this.#tracks.filter((track) => track.kind === 'audio');
    getVideoTracks = (): unknown => this.#tracks.filter((track) => track.kind === 'video');
  });
  vi.stubGlobal('location', { href: 'https://live.example/page' });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    init.signal?.throwIfAborted();
    return Promise.resolve(server.answer(url, init.method ?? 'GET', typeof init.body === 'string' ? init.body : undefined));
  });
}

/** Puts server-sent events in place; gives those that were opened. */
export function pretendEvents(): readonly EventTarget[] {
  const opened: EventTarget[] = [];
  vi.stubGlobal('EventSource', class extends EventTarget {
    static readonly CLOSED = 2;
    readyState = 1;
    constructor() {
      super();
      opened.push(this);
    }
    close(): void {
      this.readyState = 2;
    }
  });
  return opened;
}

export function forgetBrowser(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}
