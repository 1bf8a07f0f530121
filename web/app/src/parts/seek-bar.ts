import type { Player, Timeline } from '@sluice/player';
import { h, setText } from '../dom.ts';
import { formatDuration } from '../format.ts';
import { pictureAt } from '../small-pictures.ts';
import type { SmallPicture } from '../small-pictures.ts';

export interface SeekBar {
  readonly element: HTMLElement;
  /** Goes so many seconds on, or back. */
  readonly step: (seconds: number) => void;
  readonly showPictures: (pictures: readonly SmallPicture[]) => void;
}

/** A past shorter than this is not worth a bar. */
const shortest = 15;
const stepOfKeys = 10;

/** The time line of a recording, or of what is left of a live stream's past. */
export function seekBar(player: Player, signal: AbortSignal): SeekBar {
  const range = h('input', { type: 'range', class: 'seek', min: 0, step: 1, value: 0, 'aria-label': 'Time', testid: 'seek' });
  const picture = h('div', { class: 'seek-picture', hidden: true });
  const words = h('span', { class: 'seek-words tabular' });
  const preview = h('div', { class: 'seek-preview', hidden: true, 'aria-hidden': 'true' }, picture, words);
  const element = h('div', { class: 'seek-bar', hidden: true }, range, preview);
  let pictures: readonly SmallPicture[] = [];
  let dragging = false;

  const wordsFor = ({ live, length }: Timeline, position: number): string =>
    live ? (length - position < 1 ? 'Live' : `−${formatDuration((length - position) * 1000)}`) : formatDuration(position * 1000);
  const fill = (timeline: Timeline, position: number): void => {
    range.style.setProperty('--done', `${((position / Math.max(1, timeline.length)) * 100).toFixed(2)}%`);
    range.setAttribute('aria-valuetext', timeline.live
      ? timeline.length - position < 1 ? 'Live' : `${formatDuration((timeline.length - position) * 1000)} behind live`
      : `${formatDuration(position * 1000)} of ${formatDuration(timeline.length * 1000)}`);
  };
  const show = (): void => {
    const { timeline } = player;
    element.hidden = timeline === undefined || timeline.length < shortest || player.state.name === 'failed';
    if (timeline !== undefined && !dragging) {
      const position = timeline.atEdge ? timeline.length : timeline.position;
      range.max = timeline.length.toFixed(0);
      range.value = position.toFixed(0);
      fill(timeline, position);
    }
  };
  const placeOf = (event: PointerEvent, timeline: Timeline): number => {
    const { left, width } = range.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width))) * timeline.length;
  };
  const showPreview = (event: PointerEvent): void => {
    const { timeline } = player;
    if (timeline === undefined) {
      return;
    }
    const position = placeOf(event, timeline);
    preview.hidden = false;
    setText(words, wordsFor(timeline, position));
    const place = timeline.live ? undefined : pictureAt(pictures, position);
    picture.hidden = place === undefined;
    if (place !== undefined) {
      picture.style.width = `${place.width}px`;
      picture.style.height = `${place.height}px`;
      picture.style.backgroundImage = `url("${encodeURI(place.url)}")`;
      picture.style.backgroundPosition = `${-place.x}px ${-place.y}px`;
    }
    // Beside the pointer, but never over the player's edge.
    const half = preview.offsetWidth / 2;
    const { left, width } = element.getBoundingClientRect();
    preview.style.left = `${Math.min(width - half, Math.max(half, event.clientX - left))}px`;
  };

  range.addEventListener('input', () => {
    dragging = true;
    const { timeline } = player;
    if (timeline !== undefined) {
      fill(timeline, Number(range.value));
    }
  });
  range.addEventListener('change', () => {
    dragging = false;
    player.seek(Number(range.value));
    show();
  });
  range.addEventListener('pointermove', showPreview);
  range.addEventListener('pointerdown', showPreview);
  for (const type of ['pointerleave', 'pointercancel'] as const) {
    range.addEventListener(type, () => {
      preview.hidden = true;
      dragging = false;
    });
  }
  player.on('timeline', show, signal);
  player.on('statistics', show, signal);
  player.on('state', show, signal);
  const video = player.video;
  video?.addEventListener('timeupdate', show, { signal });
  const step = (seconds: number): void => {
    const { timeline } = player;
    if (timeline !== undefined && !element.hidden) {
      player.seek((timeline.atEdge ? timeline.length : timeline.position) + seconds);
      show();
    }
  };
  range.addEventListener('keydown', (event) => {
    const seconds = { ArrowLeft: -stepOfKeys, ArrowRight: stepOfKeys, PageDown: -60, PageUp: 60 }[event.key];
    if (seconds !== undefined) {
      event.preventDefault();
      step(seconds);
    }
  });
  return {
    element,
    step,
    showPictures: (given) => {
      pictures = given;
    },
  };
}
