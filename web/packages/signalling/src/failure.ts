/**
 * What went wrong, named by the remedy:
 * - `network`: the server could not be reached, or said it is overloaded or restarting
 * - `timeout`: it was reached, but did not answer in time
 * - `no-path`: it answered, but media finds no way to it: a firewall blocks its media port
 * - `connection-lost`: media was flowing and stopped
 * - `stalled`: connected, but the picture does not come
 * - `off-air`: there is nothing to play at present
 * - `unauthorized`: the key or token is missing or wrong
 * - `not-found`: no such channel
 * - `conflict`: the channel is live from elsewhere and set to refuse a second publisher
 * - `replaced`: another publisher took the channel over
 * - `unsupported`: no codec or feature in common
 * - `rejected`: any other refusal; the detail is the server's own sentence
 */
export type FailureKind =
  | 'network'
  | 'timeout'
  | 'no-path'
  | 'connection-lost'
  | 'stalled'
  | 'off-air'
  | 'unauthorized'
  | 'not-found'
  | 'conflict'
  | 'replaced'
  | 'unsupported'
  | 'rejected';

/** The one policy: which failures are final. All others are tried again. */
export function isFatal(kind: FailureKind): boolean {
  switch (kind) {
    case 'network':
    case 'timeout':
    case 'no-path':
    case 'connection-lost':
    case 'stalled':
    case 'off-air':
      return false;
    case 'unauthorized':
    case 'not-found':
    case 'conflict':
    case 'replaced':
    case 'unsupported':
    case 'rejected':
      return true;
  }
}

export class Failure extends Error {
  readonly kind: FailureKind;
  /** A plain sentence fit to be shown. */
  readonly detail: string;
  readonly status: number | undefined;
  /** The server's Retry-After in milliseconds, where it gave one. */
  readonly retryAfter: number | undefined;

  constructor(kind: FailureKind, detail: string, more: { status?: number; retryAfter?: number | undefined } = {}) {
    super(detail);
    this.name = 'Failure';
    this.kind = kind;
    this.detail = detail;
    this.status = more.status;
    this.retryAfter = more.retryAfter;
  }

  get fatal(): boolean {
    return isFatal(this.kind);
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  if (error instanceof TypeError) {
    return new Failure('network', 'The server cannot be reached.');
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new Failure('timeout', 'The server did not answer in time.');
  }
  return new Failure('rejected', error instanceof Error ? error.message : String(error));
}

/** Turns a refusal into a failure, with the problem document's own sentence if there is one. */
export async function failureOfResponse(response: Response): Promise<Failure> {
  const kind = kindOfStatus(response.status);
  const detail = (await problemDetail(response)) ?? defaultDetail(kind, response.status);
  return new Failure(kind, detail, { status: response.status, retryAfter: retryAfter(response.headers.get('Retry-After')) });
}

export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 401:
    case 403:
      return 'unauthorized';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    case 410:
      return 'replaced';
    case 406:
    case 415:
    case 422:
      return 'unsupported';
    case 408:
    case 425:
    case 429:
      return 'network';
    default:
      return status >= 500 ? 'network' : 'rejected';
  }
}

async function problemDetail(response: Response): Promise<string | undefined> {
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) {
    return undefined;
  }
  try {
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null) {
      for (const name of ['detail', 'title']) {
        const value: unknown = Reflect.get(body, name);
        if (typeof value === 'string' && value !== '') {
          return value;
        }
      }
    }
  } catch {
    // A refusal with a broken body is still that refusal.
  }
  return undefined;
}

function retryAfter(value: string | null): number | undefined {
  const seconds = Number(value ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function defaultDetail(kind: FailureKind, status: number): string {
  switch (kind) {
    case 'unauthorized':
      return 'The key is not right for this channel.';
    case 'not-found':
      return 'There is no such channel.';
    case 'conflict':
      return 'The channel is already live from somewhere else.';
    case 'replaced':
      return 'Another broadcast took this channel over.';
    case 'unsupported':
      return 'The server and this browser have no codec in common.';
    case 'network':
      return `The server is busy or restarting (${status}).`;
    default:
      return `The server answered ${status}.`;
  }
}
