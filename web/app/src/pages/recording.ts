import { Player } from '@sluice/player';
import { getRecording, openRecording, Refusal } from '../api/index.ts';
import type { RecordingView } from '../api/index.ts';
import { expose } from '../debug.ts';
import { h, setText } from '../dom.ts';
import { formatDuration, formatWhen } from '../format.ts';
import { icon } from '../parts/icons.ts';
import { playerView } from '../parts/player-view.ts';
import { portrait } from '../parts/portrait.ts';
import { ownPath, query, recordingRow } from '../parts/recording-row.ts';
import { findPictures } from '../small-pictures.ts';
import type { PageContext } from '../router.ts';
import { operatorToken, recall } from '../storage.ts';

/** One recording, in the same player as the live stream. */
export function recordingPage({ signal, parameters, setTitle }: PageContext): HTMLElement {
  const channel = parameters['channel'] ?? '';
  const id = parameters['recording'] ?? '';
  const access = { signal, watchToken: new URLSearchParams(location.search).get('token') ?? undefined, operatorToken: recall(operatorToken, 'session') };
  const token = access.watchToken ?? access.operatorToken;
  setTitle(channel);
  const heading = h('h1', { class: 'watch-title', testid: 'recording-title' }, 'Recording');
  const byline = h('p', { class: 'watch-byline' }, `@${channel}`);
  const stage = h('div', { class: 'player player-waiting' });
  const row = h('ul', { class: 'recording-list' });
  const notice = h('p', { class: 'notice notice-warn', role: 'alert', hidden: true });

  // With a token its addresses carry a leave of their own: the token goes into none of them.
  (token === undefined ? getRecording(id, signal) : openRecording(id, signal, token)).then((recording) => {
    const url = addressOf(recording);
    if (url === undefined) {
      throw new Refusal(0, 'Nothing of this recording can be played yet. Come back in a moment.');
    }
    const view = playerView({
      signal,
      create: (video) => new Player({ recording: ownPath(url), video, signal }),
    });
    expose({ player: view.player });
    stage.replaceWith(view.element);
    setText(heading, formatWhen(recording.startedAt));
    setText(byline, `@${channel} · ${formatDuration(recording.duration * 1000)}`);
    setTitle(`${channel}, ${formatWhen(recording.startedAt)}`);
    row.replaceChildren(recordingRow(recording, access));
    const { thumbnails } = recording.play;
    if (thumbnails !== undefined) {
      findPictures(ownPath(thumbnails), signal).then(view.seek.showPictures, () => undefined);
    }
    view.player.start();
  }).catch((error: unknown) => {
    if (!signal.aborted) {
      notice.hidden = false;
      setText(notice, error instanceof Error ? error.message : 'The recording could not be read.');
    }
  });
  signal.addEventListener('abort', () => expose({ player: undefined }));

  return h('section', { class: 'page watch' },
    stage,
    notice,
    h('div', { class: 'watch-head' },
      portrait(channel, channel.replaceAll('_', ' '), 'avatar'),
      h('div', { class: 'watch-names' }, heading, byline),
      h('div', { class: 'watch-facts' }, h('a', { class: 'button button-quiet button-small', href: `/watch/${encodeURIComponent(channel)}${query(access.watchToken)}` }, icon('back'), 'To the live channel'))),
    row);
}

/** A clip's file shows exactly its span; its playlist begins at the key picture before. */
function addressOf({ play: { hls, mp4 }, clipOf, parts }: RecordingView): string | undefined {
  return clipOf !== null && parts.length === 1 ? (mp4 ?? hls) : (hls ?? mp4);
}
