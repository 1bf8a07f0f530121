import { Player } from '@sluice/player';
import { bestVideo, getPublicChannel, getStream, listRecordings, Refusal } from '../api/index.ts';
import type { StreamFigures } from '../api/index.ts';
import { expose } from '../debug.ts';
import { h, setText } from '../dom.ts';
import { formatBitrate, formatCodec, formatDuration, formatQuality, formatViewers } from '../format.ts';
import { copyButton } from '../parts/copy.ts';
import { icon } from '../parts/icons.ts';
import { isWish, playsBy, storedProtocol } from '../parts/player-menu.ts';
import { playerView } from '../parts/player-view.ts';
import { portrait } from '../parts/portrait.ts';
import { recordingRow } from '../parts/recording-row.ts';
import { everySecond, poll } from '../poll.ts';
import type { PageContext } from '../router.ts';
import { recall } from '../storage.ts';

/** How long the server keeps the past of a live stream, unless it is told otherwise; the playlist itself says what there is. */
const longestPast = 2 * 60 * 60;
/** Pictures that HLS has a form for, and so a past. */
const packaged = /^(H26[45]|AV1|VP9)$/i;

export function watchPage({ signal, parameters, setTitle }: PageContext): HTMLElement {
  const channel = parameters['channel'] ?? '';
  setTitle(channel);

  const heading = h('h1', { class: 'watch-title', testid: 'channel-title' }, channel);
  const byline = h('p', { class: 'watch-byline' }, `@${channel}`);
  const live = h('span', { class: 'badge-live', hidden: true }, 'Live');
  const viewers = h('span', { class: 'fact', testid: 'viewers', hidden: true });
  const viewerWords = h('span', {});
  viewers.append(icon('people'), viewerWords);
  const uptime = h('span', { class: 'fact tabular', hidden: true });
  const uptimeWords = h('span', {});
  uptime.append(icon('clock'), uptimeWords);
  const source = h('p', { class: 'muted small' });
  const means = h('p', { class: 'muted small', testid: 'plays-by' });
  const recordingList = h('ul', { class: 'recording-list', testid: 'recordings' });
  const recordings = h('section', { class: 'recordings', hidden: true, 'aria-label': 'Recordings' }, h('h2', {}, 'Recordings'), recordingList);
  let startedAt: number | undefined;

  const token = new URLSearchParams(location.search).get('token') ?? undefined;
  const wish = recall(storedProtocol);
  const hls = `/hls/${encodeURIComponent(channel)}`;
  const view = playerView({
    signal,
    create: (video) => new Player({
      url: `/whep/${encodeURIComponent(channel)}`,
      hls: `${hls}/index.m3u8`,
      past: `${hls}/rewind.m3u8`,
      video,
      signal,
      ...(isWish(wish) ? { protocol: wish } : {}),
      ...(token === undefined ? {} : { token }),
    }),
  });
  expose({ player: view.player });
  signal.addEventListener('abort', () => expose({ player: undefined }));

  const showViewers = (count: number): void => {
    viewers.hidden = false;
    setText(viewerWords, formatViewers(count));
  };
  view.player.on('viewers', showViewers, signal);
  view.player.on('state', (state) => {
    live.hidden = state.name !== 'playing';
  }, signal);

  const showMeans = (): void => {
    const { player } = view;
    setText(means, player.state.name === 'playing' ? playsBy(player) : '');
    means.title = player.fallback?.detail ?? '';
  };
  for (const event of ['state', 'protocol', 'statistics'] as const) {
    view.player.on(event, showMeans, signal);
  }

  const showNames = (name: string, title: string): void => {
    const shown = name === '' ? channel : name;
    setText(heading, title === '' ? shown : title);
    setText(byline, title === '' ? `@${channel}` : shown);
    setTitle(shown);
  };
  const showStream = (stream: StreamFigures): void => {
    showNames(stream.name, stream.title);
    showViewers(stream.viewers);
    startedAt = Date.parse(stream.startedAt);
    const video = bestVideo(stream);
    if (video === undefined || packaged.test(video.codec)) {
      view.player.offerPast(Math.min(longestPast, Math.max(0, (Date.now() - startedAt) / 1000)));
    }
    const audio = stream.tracks.find((track) => track.kind === 'audio');
    const facts = [
      formatQuality(video?.width, video?.height, video?.framesPerSecond),
      [video?.codec, audio?.codec].filter((codec) => codec !== undefined).map(formatCodec).join(' and '),
      video === undefined ? '' : formatBitrate(video.bitrate),
      `sent by ${stream.publisher.protocol.toUpperCase()}`,
    ];
    setText(source, facts.filter((fact) => fact !== '').join(' · '));
  };

  poll(5000, signal, async () => {
    try {
      const known = await getPublicChannel(channel, signal);
      showNames(known.name, known.title);
      if (known.live) {
        showStream(await getStream(channel, signal, token));
        return;
      }
    } catch (error) {
      if (!signal.aborted && error instanceof Refusal && error.status === 404) {
        view.refuse('There is no such channel', 'The address may be mistyped, or the channel was removed.');
      }
    }
    if (!signal.aborted) {
      // Off the air, or out of reach; the player itself says which.
      startedAt = undefined;
      setText(source, '');
      viewers.hidden = true;
    }
  });
  poll(30_000, signal, async () => {
    try {
      const { recordings: all } = await listRecordings(signal, channel, token);
      const shown = all.filter((each) => each.play.hls !== undefined || each.play.mp4 !== undefined);
      recordings.hidden = shown.length === 0;
      const known = JSON.stringify(shown);
      if (recordingList.dataset['known'] !== known) {
        recordingList.dataset['known'] = known;
        recordingList.replaceChildren(...shown.map((each) => recordingRow(each, { signal, watchToken: token })));
      }
    } catch {
      // A server that does not record has none.
      recordings.hidden = true;
    }
  });
  everySecond(signal, () => {
    uptime.hidden = startedAt === undefined;
    if (startedAt !== undefined) {
      setText(uptimeWords, formatDuration(Date.now() - startedAt));
    }
  });

  const shortcuts = h('details', { class: 'shortcuts' },
    h('summary', {}, 'Keyboard'),
    h('dl', {},
      ...[['Space or K', 'play, pause'], ['M', 'sound on, off'], ['↑ ↓', 'volume'], ['← →', 'ten seconds back, on'], ['L', 'back to live'], ['F', 'full screen'], ['P', 'picture in picture'], ['I', 'statistics']]
        .flatMap(([keys, does]) => [h('dt', {}, keys), h('dd', {}, does)])));

  view.player.start();
  return h('section', { class: 'page watch' },
    view.element,
    h('div', { class: 'watch-head' },
      portrait(channel, channel.replaceAll('_', ' '), 'avatar'),
      h('div', { class: 'watch-names' }, heading, byline),
      h('div', { class: 'watch-facts' }, live, viewers, uptime, copyButton(() => location.origin + location.pathname, 'Copy link', 'copy-link'))),
    h('div', { class: 'watch-foot' }, h('div', { class: 'watch-source' }, source, means), shortcuts),
    recordings);
}
