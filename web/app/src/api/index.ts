import { call, Refusal } from './call.ts';
import type { ChannelView, PublicChannelView, PublishingView, RecordingList, RecordingView, StreamFigures, TrackFigures } from './types.ts';

export { Refusal } from './call.ts';
export type { ChannelView, HealthFigures, PublishErrorFigures, PublishingView, RecordingView, StreamFigures } from './types.ts';

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

/** A channel as its streamer sees it, who has its key. */
export function getPublishing(id: string, key: string, signal: AbortSignal): Promise<PublishingView> {
  return call('get', '/api/v1/channels/{id}/publishing', { names: { id }, token: key }, signal);
}

/** The newest recordings, of one channel or of all. The token is that of a private channel, or the operator's. */
export function listRecordings(signal: AbortSignal, channel?: string, token?: string, before?: string): Promise<RecordingList> {
  const query = { limit: 24, ...(channel === undefined ? {} : { channel }), ...(before === undefined ? {} : { before }) };
  return call('get', '/api/v1/recordings', { query, token }, signal);
}

export function getRecording(id: string, signal: AbortSignal): Promise<RecordingView> {
  return call('get', '/api/v1/recordings/{id}', { names: { id } }, signal);
}

/** A recording with addresses that elements can load. The token is that of a private channel, or the operator's; it is in none of them. */
export function openRecording(id: string, signal: AbortSignal, token: string): Promise<RecordingView> {
  return call('post', '/api/v1/recordings/{id}/viewings', { names: { id }, token }, signal);
}

export function deleteRecording(token: string, id: string, signal: AbortSignal): Promise<void> {
  return call('delete', '/api/v1/recordings/{id}', { names: { id }, token }, signal);
}

/** Cuts out what lies between two moments, in seconds. */
export function cutClip(token: string, id: string, start: number, end: number, signal: AbortSignal): Promise<RecordingView> {
  return call('post', '/api/v1/recordings/{id}/clips', { names: { id }, token, body: { start, end } }, signal);
}

export function setRecord(token: string, id: string, record: boolean, signal: AbortSignal): Promise<ChannelView> {
  return call('patch', '/api/v1/channels/{id}', { names: { id }, token, body: { record } }, signal);
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
