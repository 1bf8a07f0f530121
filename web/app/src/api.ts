export interface TrackSummary {
  readonly id: string;
  readonly kind: 'video' | 'audio';
  readonly codec: string;
  readonly rid?: string | null;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly framesPerSecond?: number | null;
  readonly bitrate?: number | null;
}

export interface StreamSummary {
  readonly channel: string;
  readonly name: string;
  readonly title?: string | null;
  readonly startedAt: string;
  readonly viewers: number;
  readonly publisher?: { readonly protocol?: string; readonly roundTripMilliseconds?: number | null } | null;
  readonly tracks?: readonly TrackSummary[] | null;
}

export interface PublicChannel {
  readonly id: string;
  readonly name: string;
  readonly title?: string | null;
  readonly live: boolean;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly title?: string | null;
  readonly live?: boolean;
}

export interface CreatedChannel extends Channel {
  readonly secret: string;
}

/** A refusal by the server, in its own words (RFC 9457). */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

async function request<T>(path: string, signal: AbortSignal, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, { ...init, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TypeError ? new Refusal(0, 'The server cannot be reached.') : error;
  }
  if (!response.ok) {
    throw new Refusal(response.status, await problem(response));
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function problem(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { detail?: string; title?: string };
    return body.detail ?? body.title ?? `The server answered ${response.status}.`;
  } catch {
    return `The server answered ${response.status}.`;
  }
}

function bearer(token: string, body?: unknown): RequestInit {
  return {
    headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

const path = (id: string): string => `/channels/${encodeURIComponent(id)}`;

export async function listStreams(signal: AbortSignal): Promise<readonly StreamSummary[]> {
  return (await request<{ streams?: readonly StreamSummary[] }>('/streams', signal)).streams ?? [];
}

export function getStream(channel: string, signal: AbortSignal): Promise<StreamSummary> {
  return request(`/streams/${encodeURIComponent(channel)}`, signal);
}

export function getPublicChannel(channel: string, signal: AbortSignal): Promise<PublicChannel> {
  return request(`${path(channel)}/public`, signal);
}

export async function listChannels(token: string, signal: AbortSignal): Promise<readonly Channel[]> {
  const body = await request<{ channels?: readonly Channel[] } | readonly Channel[]>('/channels', signal, bearer(token));
  return 'channels' in body ? (body.channels ?? []) : (body as readonly Channel[]);
}

export function createChannel(token: string, name: string, id: string, signal: AbortSignal): Promise<CreatedChannel> {
  return request('/channels', signal, { method: 'POST', ...bearer(token, id === '' ? { name } : { name, id }) });
}

export function rotateSecret(token: string, id: string, signal: AbortSignal): Promise<{ readonly secret: string }> {
  return request(`${path(id)}/rotate-secret`, signal, { method: 'POST', ...bearer(token) });
}

export function deleteChannel(token: string, id: string, signal: AbortSignal): Promise<void> {
  return request(path(id), signal, { method: 'DELETE', ...bearer(token) });
}

/** The largest picture of a stream. */
export function bestVideo(stream: StreamSummary): TrackSummary | undefined {
  return (stream.tracks ?? []).filter((track) => track.kind === 'video').sort((a, b) => (b.height ?? 0) - (a.height ?? 0))[0];
}
