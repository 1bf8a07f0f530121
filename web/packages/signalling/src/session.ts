import { Failure, failureOfResponse } from './failure.ts';
import { parseLinks } from './link.ts';
import type { Link } from './link.ts';

const requestTimeout = 10_000;
const closeTimeout = 3_000;

/** One WHIP or WHEP resource on the server: opened by an offer, patched with candidates, deleted at the end. */
export class Session {
  readonly answer: string;
  readonly links: readonly Link[];
  readonly location: string | undefined;
  readonly #token: string | undefined;
  #etag: string | undefined;
  #closed = false;
  #replaced: Failure | undefined;

  private constructor(location: string | undefined, answer: string, links: readonly Link[], etag: string | undefined, token: string | undefined) {
    this.location = location;
    this.answer = answer;
    this.links = links;
    this.#etag = etag;
    this.#token = token;
  }

  static async open(url: string, token: string | undefined, offer: string, signal: AbortSignal): Promise<Session> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...authorization(token), 'Content-Type': 'application/sdp', Accept: 'application/sdp' },
      body: offer,
      signal: within(signal),
    });
    if (response.status !== 201 && response.status !== 200) {
      throw await failureOfResponse(response);
    }
    const answer = await response.text();
    if (!answer.startsWith('v=0')) {
      throw new Failure('rejected', 'The server answered with something that is not a session description.');
    }
    // Relative to where redirects ended, not to where the request began.
    const base = response.url === '' ? url : response.url;
    const location = response.headers.get('Location');
    const links = parseLinks(response.headers.get('Link')).map((link) =>
      /^(stun|turn)s?:/i.test(link.target) ? link : { ...link, target: new URL(link.target, base).href },
    );
    return new Session(location === null ? undefined : new URL(location, base).href, answer, links, response.headers.get('ETag') ?? undefined, token);
  }

  /** Sends candidates. False when the server wants none, and none need be sent again. */
  async trickle(fragment: string, signal: AbortSignal): Promise<boolean> {
    if (this.location === undefined || this.#closed) {
      return false;
    }
    const response = await this.#patch(this.location, fragment, this.#etag, signal);
    return response.ok;
  }

  /** Asks for an ICE restart (RFC 9725 §4.3.3). Gives the server's fragment; throws a failure when refused. */
  async restart(fragment: string, signal: AbortSignal): Promise<string> {
    if (this.location === undefined || this.#closed) {
      throw new Failure('connection-lost', 'The connection was lost.');
    }
    // HTTP writes "any" bare (RFC 9110 §13.1.1), the examples of RFC 9725 in quotes; there are servers of either kind.
    let response = await this.#patch(this.location, fragment, '*', signal);
    if (response.status === 412) {
      response = await this.#patch(this.location, fragment, '"*"', signal);
    }
    if (!response.ok) {
      throw await failureOfResponse(response);
    }
    this.#etag = response.headers.get('ETag') ?? this.#etag;
    return response.text();
  }

  /**
   * Ends the session. Survives the closing of the page, and never throws: a session not deleted times out by itself.
   * Gives a failure when the server says, or said before, that another publisher has taken the session's place (410).
   */
  async close(): Promise<Failure | undefined> {
    if (this.location === undefined || this.#closed || this.#replaced !== undefined) {
      return this.#replaced;
    }
    this.#closed = true;
    try {
      const response = await fetch(this.location, {
        method: 'DELETE',
        headers: authorization(this.#token),
        keepalive: true,
        signal: AbortSignal.timeout(closeTimeout),
      });
      return response.status === 410 ? await failureOfResponse(response) : undefined;
    } catch {
      // Gone already, or out of reach.
      return undefined;
    }
  }

  async #patch(location: string, fragment: string, etag: string | undefined, signal: AbortSignal): Promise<Response> {
    const response = await fetch(location, {
      method: 'PATCH',
      headers: {
        ...authorization(this.#token),
        'Content-Type': 'application/trickle-ice-sdpfrag',
        ...(etag === undefined ? {} : { 'If-Match': etag }),
      },
      body: fragment,
      signal: within(signal),
    });
    if (response.status === 410) {
      this.#replaced = await failureOfResponse(response.clone());
    }
    return response;
  }
}

export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined || token === '' ? {} : { Authorization: `Bearer ${token}` };
}

function within(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(requestTimeout)]);
}
