import { openRecording } from '../api/index.ts';
import type { RecordingView } from '../api/index.ts';
import { h } from '../dom.ts';
import type { Child } from '../dom.ts';
import { formatDuration, formatQuality, formatSize, formatWhen } from '../format.ts';
import { icon } from './icons.ts';

/** How a page is let in to a recording. */
export interface Access {
  readonly signal: AbortSignal;
  /** The watch token that came in the page's own address, and goes on with its links. */
  readonly watchToken?: string | undefined;
  /** The operator's, which is in no address ever. */
  readonly operatorToken?: string | undefined;
}

/** Where a recording is watched in the site. */
export function recordingPath({ channel, id }: RecordingView, watchToken?: string): string {
  return `/watch/${encodeURIComponent(channel)}/${encodeURIComponent(id)}${query(watchToken)}`;
}

export function query(token: string | undefined): string {
  return token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
}

/** Only what is of this server is followed: an address of the API is data. */
export function ownPath(address: string): string {
  const { pathname, search } = new URL(address, location.href);
  return pathname + search;
}

/** One recording in a list: what and how long it is, to be played and taken home. */
export function recordingRow(recording: RecordingView, access: Access, ...more: readonly Child[]): HTMLElement {
  const { state, duration, size, startedAt, tracks, parts, clipOf } = recording;
  const video = tracks.find((track) => track.kind === 'video');
  const facts = [formatDuration(duration * 1000), formatQuality(video?.width, video?.height) || (video === undefined && tracks.length > 0 ? 'Audio' : ''), formatSize(size)];
  const words = { recording: 'Recording', finishing: 'Finishing', failed: 'Incomplete', ready: '' }[state];
  const downloads = parts.filter((part) => part.state !== 'failed' && part.duration > 0);
  const playable = recording.play.hls !== undefined || recording.play.mp4 !== undefined;
  return h('li', { class: 'recording-row', testid: 'recording', 'data-id': recording.id, 'data-state': state },
    h('a', { class: 'recording-link', ...(playable ? { href: recordingPath(recording, access.watchToken) } : {}), 'aria-label': `Play the recording of ${formatWhen(startedAt)}` },
      h('span', { class: 'recording-mark' }, icon(clipOf === null ? 'play' : 'scissors')),
      h('span', { class: 'recording-words' },
        h('strong', {}, formatWhen(startedAt), clipOf !== null && ' · clip'),
        h('span', { class: 'muted small tabular' }, facts.filter((fact) => fact !== '').join(' · ')))),
    words !== '' && h('span', { class: `chip chip-${state}`, title: recording.reason }, state === 'recording' && icon('record'), words),
    h('div', { class: 'row-actions' },
      ...downloads.map((part) =>
        h('a', { class: 'button button-quiet button-small', href: ownPath(part.download), download: '', testid: 'download', on: { click: (event) => letIn(event, recording, part.number, access) } },
          icon('download'), downloads.length > 1 ? `Part ${part.number}` : 'Download')),
      ...more));
}

/** Who has a token follows the link with a leave of some hours in its address instead. */
function letIn(event: Event, { id }: RecordingView, number: number, { signal, watchToken, operatorToken }: Access): void {
  const token = watchToken ?? operatorToken;
  if (token === undefined) {
    return;
  }
  event.preventDefault();
  openRecording(id, signal, token).then(({ parts }) => {
    const download = parts.find((each) => each.number === number)?.download;
    if (download !== undefined) {
      h('a', { href: ownPath(download), download: '' }).click();
    }
  }, () => undefined);
}
