import { call, Refusal } from './call.ts';
import type { ChannelView, PublicChannelView, StreamFigures, TrackFigures } from './types.ts';

export { Refusal } from './call.ts';
export type { ChannelView, StreamFigures } from './types.ts';

/** A channel with its key, as it is shown after creation and rotation only. */
export type KeyedChannel = ChannelView & Required<Pick<ChannelView, 'key'>>;

export async function listStreams(signal: AbortSignal): Promise<readonly StreamFigures[]> {
  return (await call('get', '/api/v1/streams', {}, signal)).streams;
}

/** The token is the watch token of a private channel. */
export function getStream(channel: string, signal: AbortSignal, token?: string): Promise<StreamFigures> {
  return call('get', '/api/v1/streams/{channel}', { names: { channel }, token }, signal);
}

export function getPublicChannel(id: string, signal: AbortSignal): Promise<PublicChannelView> {
  return call('get', '/api/v1/channels/{id}/public', { names: { id } }, signal);
}

export async function listChannels(token: string, signal: AbortSignal): Promise<readonly ChannelView[]> {
  return (await call('get', '/api/v1/channels', { token }, signal)).channels;
}

export async function createChannel(token: string, name: string, id: string, signal: AbortSignal): Promise<KeyedChannel> {
  return keyed(await call('post', '/api/v1/channels', { token, body: id === '' ? { name } : { name, id } }, signal));
}

export async function rotateSecret(token: string, id: string, signal: AbortSignal): Promise<KeyedChannel> {
  return keyed(await call('post', '/api/v1/channels/{id}/rotate-secret', { token, names: { id } }, signal));
}

export function deleteChannel(token: string, id: string, signal: AbortSignal): Promise<void> {
  return call('delete', '/api/v1/channels/{id}', { token, names: { id } }, signal);
}

/** The largest picture of a stream. */
export function bestVideo(stream: StreamFigures): TrackFigures | undefined {
  return stream.tracks.filter((track) => track.kind === 'video').sort((a, b) => (b.height ?? 0) - (a.height ?? 0))[0];
}

function keyed(channel: ChannelView): KeyedChannel {
  const { key } = channel;
  if (key === undefined) {
    throw new Refusal(0, 'The server did not say the key.');
  }
  return { ...channel, key };
}
