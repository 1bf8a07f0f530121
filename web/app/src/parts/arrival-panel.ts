import type { PublishErrorFigures, StreamFigures } from '../api/index.ts';
import { bestVideo } from '../api/index.ts';
import { h, setText } from '../dom.ts';
import { formatBitrate, formatCodec, formatDuration, formatWhen } from '../format.ts';
import { icon } from './icons.ts';
import { tile } from './tile.ts';

export interface ArrivalPanel {
  readonly element: HTMLElement;
  /** Without a stream, only what went wrong last is told. */
  readonly show: (stream: StreamFigures | undefined, error: PublishErrorFigures | undefined) => void;
}

/** How a stream arrives at the server, whoever sends it, and what its streamer could set better. */
export function arrivalPanel(): ArrivalPanel {
  const by = h('span', { class: 'muted small' });
  const error = h('p', { class: 'notice notice-warn', role: 'alert', testid: 'publish-error', hidden: true });
  const advice = h('ul', { class: 'advice', testid: 'arrival-advice', 'aria-live': 'polite' });
  const bitrate = tile('Bitrate', 'arrival-bitrate');
  const picture = tile('Picture');
  const frames = tile('Frames', 'arrival-fps');
  const keyframes = tile('Keyframe every', 'arrival-keyframes');
  const reordered = tile('B-frames', 'arrival-bframes');
  const skew = tile('Sound');
  const tiles = h('div', { class: 'tiles' }, bitrate.element, picture.element, frames.element, keyframes.element, reordered.element, skew.element);
  const head = h('div', { class: 'panel-head' }, h('h2', {}, 'How it arrives'), by);
  const element = h('section', { class: 'panel health', testid: 'arrival', hidden: true, 'aria-label': 'How the stream arrives' }, head, error, advice, tiles);

  const showAdvice = (lines: readonly string[]): void => {
    const shown = lines.length === 0 ? ['All is well.'] : lines;
    if (advice.dataset['words'] !== shown.join('\n')) {
      advice.dataset['words'] = shown.join('\n');
      advice.replaceChildren(...shown.map((line) =>
        h('li', { class: lines.length === 0 ? 'advice-good' : 'advice-note' }, icon(lines.length === 0 ? 'check' : 'info'), h('span', {}, line))));
    }
  };

  return {
    element,
    show: (stream, last) => {
      const health = stream?.health ?? undefined;
      element.hidden = health === undefined && last === undefined;
      error.hidden = last === undefined;
      if (last !== undefined) {
        setText(error, `${formatWhen(last.at)}, by ${last.protocol.toUpperCase()}: ${last.reason}`);
      }
      for (const part of [advice, tiles]) {
        part.hidden = health === undefined;
      }
      if (stream === undefined || health === undefined) {
        setText(by, '');
        return;
      }
      const video = bestVideo(stream);
      const audio = stream.tracks.find((track) => track.kind === 'audio');
      const codecs = [video?.codec, audio?.codec].filter((codec) => codec !== undefined && codec !== '').map((codec) => formatCodec(codec ?? ''));
      setText(by, [`by ${stream.publisher.protocol.toUpperCase()}`, codecs.join(' and '), formatDuration(Date.now() - Date.parse(stream.startedAt))].filter((each) => each !== '').join(' · '));
      showAdvice(health.advice);
      setText(bitrate.value, formatBitrate(health.bitrate));
      setText(picture.value, video === undefined ? 'None' : video.width === null ? '–' : `${video.width} × ${video.height ?? 0}`);
      setText(frames.value, video === undefined ? '–' : `${Math.round(health.framesPerSecond)} fps`);
      setText(keyframes.value, health.keyframeSeconds === null ? '–' : `${health.keyframeSeconds.toFixed(1)} s`);
      setText(reordered.value, video === undefined ? '–' : health.hasBFrames ? 'Yes' : 'None');
      setText(skew.value, audio === undefined ? 'None' : health.skewMilliseconds === null ? 'Yes' : skewWords(health.skewMilliseconds));
    },
  };
}

/** Less than a picture's length nobody notices. */
export function skewWords(milliseconds: number): string {
  const rounded = Math.round(Math.abs(milliseconds));
  return rounded < 40 ? 'In step' : `${rounded} ms ${milliseconds > 0 ? 'late' : 'early'}`;
}
