import { layerName } from '@sluice/player';
import type { Layer, Player, PlayerState } from '@sluice/player';
import { h, setText } from '../dom.ts';
import { formatBitrate, formatDelay, formatDuration } from '../format.ts';
import { recall, store } from '../storage.ts';
import { icon } from './icons.ts';
import type { IconName } from './icons.ts';
import { playerMenu } from './player-menu.ts';
import { seekBar } from './seek-bar.ts';
import type { SeekBar } from './seek-bar.ts';
import { statisticsOverlay } from './statistics-overlay.ts';
import { subtitleMenu } from './subtitle-menu.ts';

export interface PlayerViewOptions {
  readonly signal: AbortSignal;
  readonly create: (video: HTMLVideoElement) => Player;
}

export interface PlayerView {
  readonly element: HTMLElement;
  readonly player: Player;
  readonly seek: SeekBar;
  /** Ends playing, and says why over the picture. */
  readonly refuse: (title: string, words: string) => void;
}

/** How long the controls stay after the last movement. */
const controlsLinger = 2600;

/** How far the arrow keys go in time, in seconds. */
const stepOfKeys = 10;

/** A player with its controls, for a live stream or a recording. */
export function playerView({ signal, create }: PlayerViewOptions): PlayerView {
  const video = h('video', { class: 'player-video', testid: 'player-video', playsinline: true, autoplay: true, 'aria-label': 'Picture' });
  video.muted = true;
  video.volume = Number(recall('sluice.volume') ?? '1') || 1;
  const player = create(video);

  const play = control('pause', 'Pause', 'play-toggle');
  const mute = control('muted', 'Sound on', 'mute-toggle');
  const volume = h('input', { type: 'range', class: 'volume', min: 0, max: 100, step: 1, 'aria-label': 'Volume', testid: 'volume' });
  const chip = h('button', { type: 'button', class: 'live-chip', testid: 'latency', title: 'Delay. Press for statistics' });
  const goLive = h('button', { type: 'button', class: 'live-chip live-button', testid: 'back-to-live', hidden: true }, 'Back to live');
  const layers = h('select', { class: 'layer-menu', 'aria-label': 'Quality', testid: 'layer-menu', hidden: true });
  const statisticsButton = control('chart', 'Statistics', 'stats-toggle');
  const miniature = control('pictureInPicture', 'Picture in picture', 'pip-toggle');
  const fullscreen = control('fullscreen', 'Full screen', 'fullscreen-toggle');
  const seek = seekBar(player, signal);
  const controls = h('div', { class: 'controls', role: 'group', 'aria-label': 'Player controls' },
    seek.element,
    h('div', { class: 'control-row' },
      play, mute, volume, chip, goLive, h('span', { class: 'spacer' }), subtitleMenu(player, video, signal), layers, statisticsButton, playerMenu(player, signal), miniature, fullscreen));

  const unmute = h('button', { type: 'button', class: 'unmute', testid: 'unmute', hidden: true }, icon('muted'), h('span', {}, 'Tap to unmute'));
  const bigPlay = h('button', { type: 'button', class: 'big-play', 'aria-label': 'Play', testid: 'big-play', hidden: true }, icon('play'));
  const message = h('div', { class: 'player-message', role: 'status', 'aria-live': 'polite', testid: 'state' });
  const statistics = statisticsOverlay();
  const element = h('div', { class: 'player', testid: 'player', tabindex: '-1' }, video, message, bigPlay, unmute, statistics.element, controls);

  const togglePlay = (): void => {
    if (video.paused) {
      void player.resume();
    } else {
      video.pause();
    }
  };
  const setMuted = (muted: boolean): void => {
    video.muted = muted;
    if (!muted && video.volume === 0) {
      video.volume = 0.5;
    }
    // The element tells of it too, but only later.
    showElement();
  };
  const setVolume = (value: number): void => {
    video.volume = Math.min(1, Math.max(0, value));
    video.muted = video.volume === 0;
    store('sluice.volume', String(video.volume));
  };
  const toggleStatistics = (): void => {
    statistics.element.hidden = !statistics.element.hidden;
    statisticsButton.setAttribute('aria-pressed', String(!statistics.element.hidden));
  };
  const toggleFullscreen = (): void => {
    const webkit = video as HTMLVideoElement & { webkitEnterFullscreen?: () => void };
    if (document.fullscreenElement !== null) {
      void document.exitFullscreen();
    } else if (document.fullscreenEnabled) {
      element.requestFullscreen().catch(() => undefined);
    } else {
      webkit.webkitEnterFullscreen?.();
    }
  };
  const toggleMiniature = (): void => {
    const change: Promise<unknown> = document.pictureInPictureElement === null ? video.requestPictureInPicture() : document.exitPictureInPicture();
    change.catch(() => undefined);
  };

  const showState = (state: PlayerState): void => {
    element.dataset['state'] = state.name;
    message.dataset['state'] = state.name;
    message.replaceChildren(...messageFor(state, () => player.start()));
    message.hidden = message.childElementCount === 0;
    showElement();
  };
  const showElement = (): void => {
    const playing = player.state.name === 'playing';
    setIcon(play, video.paused ? 'play' : 'pause', video.paused ? 'Play' : 'Pause');
    setIcon(mute, video.muted ? 'muted' : 'volume', video.muted ? 'Sound on' : 'Sound off');
    play.disabled = !playing;
    miniature.disabled = !playing;
    bigPlay.hidden = !playing || !video.paused;
    unmute.hidden = !playing || !video.muted || video.paused;
    volume.value = String(video.muted ? 0 : Math.round(video.volume * 100));
    showChip();
  };
  const showChip = (): void => {
    const playing = player.state.name === 'playing';
    const { timeline, rewound, statistics: sample } = player;
    const recorded = timeline?.live === false;
    chip.dataset['playing'] = String(playing && !video.paused && !rewound && !recorded);
    goLive.hidden = !rewound;
    if (!playing) {
      setText(chip, player.state.name === 'waiting' ? 'Off the air' : 'Not playing');
    } else if (timeline !== undefined && recorded) {
      setText(chip, `${formatDuration(timeline.position * 1000)} / ${formatDuration(timeline.length * 1000)}`);
    } else if (timeline !== undefined && rewound) {
      setText(chip, `−${formatDuration((timeline.length - timeline.position) * 1000)}`);
    } else {
      setText(chip, sample?.latency === undefined || sample.protocol !== player.protocol ? 'Live' : `Live · ${formatDelay(sample.latency.milliseconds)}`);
    }
  };
  const showLayers = (all: readonly Layer[]): void => {
    layers.hidden = all.length < 2;
    const active = all.filter((layer) => layer.active);
    const [current] = active;
    layers.replaceChildren(
      h('option', { value: '' }, current !== undefined && active.length === 1 && player.selectedLayer === undefined ? `Auto (${layerName(current)})` : 'Auto'),
      ...all.map((layer) => h('option', { value: layer.encodingId }, layerName(layer))),
    );
    for (const option of layers.options) {
      const layer = all.find((each) => each.encodingId === option.value);
      option.title = layer === undefined ? 'The best that your connection carries' : formatBitrate(layer.bitrate);
    }
    layers.value = player.selectedLayer ?? '';
  };

  player.on('state', showState, signal);
  player.on('layers', showLayers, signal);
  player.on('blocked', showElement, signal);
  player.on('statistics', (sample) => {
    statistics.show(sample);
    showChip();
  }, signal);
  player.on('timeline', showChip, signal);

  play.addEventListener('click', togglePlay);
  bigPlay.addEventListener('click', togglePlay);
  mute.addEventListener('click', () => setMuted(!video.muted));
  unmute.addEventListener('click', () => {
    setMuted(false);
    mute.focus({ preventScroll: true });
  });
  volume.addEventListener('input', () => setVolume(Number(volume.value) / 100));
  layers.addEventListener('change', () => {
    player.selectLayer(layers.value === '' ? undefined : layers.value).catch(() => undefined);
  });
  chip.addEventListener('click', toggleStatistics);
  goLive.addEventListener('click', () => {
    player.goLive();
    play.focus({ preventScroll: true });
  });
  statisticsButton.addEventListener('click', toggleStatistics);
  statistics.close.addEventListener('click', toggleStatistics);
  miniature.addEventListener('click', toggleMiniature);
  miniature.hidden = !document.pictureInPictureEnabled;
  fullscreen.addEventListener('click', toggleFullscreen);
  video.addEventListener('dblclick', toggleFullscreen);
  for (const type of ['play', 'pause', 'ended', 'volumechange'] as const) {
    video.addEventListener(type, showElement);
  }
  document.addEventListener('fullscreenchange', () => {
    const whole = document.fullscreenElement === element;
    setIcon(fullscreen, whole ? 'windowed' : 'fullscreen', whole ? 'Leave full screen' : 'Full screen');
  }, { signal });

  let idle: ReturnType<typeof setTimeout> | undefined;
  const wake = (): void => {
    element.dataset['controls'] = 'shown';
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (!video.paused && player.state.name === 'playing') {
        element.dataset['controls'] = 'hidden';
      }
    }, controlsLinger);
  };
  for (const type of ['pointermove', 'pointerdown', 'focusin', 'keydown'] as const) {
    element.addEventListener(type, wake);
  }
  signal.addEventListener('abort', () => clearTimeout(idle));
  wake();

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
      return;
    }
    const onButton = event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement || event.target instanceof HTMLElement && event.target.tagName === 'SUMMARY';
    const actions: Readonly<Record<string, (() => void) | undefined>> = {
      ' ': onButton ? undefined : togglePlay,
      k: togglePlay,
      m: () => setMuted(!video.muted),
      f: toggleFullscreen,
      p: toggleMiniature,
      i: toggleStatistics,
      ArrowLeft: () => seek.step(-stepOfKeys),
      ArrowRight: () => seek.step(stepOfKeys),
      l: () => player.goLive(),
      ArrowUp: () => setVolume((video.muted ? 0 : video.volume) + 0.05),
      ArrowDown: () => setVolume((video.muted ? 0 : video.volume) - 0.05),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action !== undefined) {
      event.preventDefault();
      action();
      wake();
    }
  }, { signal });

  showState(player.state);
  return {
    element,
    player,
    seek,
    refuse: (title, words) => {
      void player.close().then(() => {
        message.replaceChildren(h('strong', {}, title), h('span', {}, words), h('a', { href: '/', class: 'button button-small' }, 'See who is live'));
        message.hidden = false;
      });
    },
  };
}

function control(name: IconName, label: string, testid: string): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'control', testid });
  setIcon(button, name, label);
  return button;
}

function setIcon(button: HTMLButtonElement, name: IconName, label: string): void {
  if (button.dataset['icon'] !== name) {
    button.dataset['icon'] = name;
    button.replaceChildren(icon(name));
  }
  button.setAttribute('aria-label', label);
  button.title = label;
}

/** Keys belong to a field while it is being filled. */
function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function messageFor(state: PlayerState, retry: () => void): HTMLElement[] {
  switch (state.name) {
    case 'playing':
      return [];
    case 'idle':
    case 'connecting':
      return [h('span', { class: 'spinner' }), h('span', {}, 'Connecting')];
    case 'waiting':
      return [h('strong', {}, 'Off the air'), h('span', {}, 'Playing starts by itself when the stream does.'), h('span', { class: 'pulse', 'aria-hidden': 'true' })];
    case 'reconnecting':
      return [h('span', { class: 'spinner' }), h('strong', {}, 'Reconnecting'), h('span', {}, state.failure?.detail ?? 'The network changed.')];
    case 'failed':
      return [
        h('strong', {}, state.failure.kind === 'unauthorized' ? 'This stream is private' : 'It cannot be played'),
        h('span', {}, state.failure.detail),
        h('button', { type: 'button', class: 'button button-small', testid: 'retry', on: { click: retry } }, icon('retry'), 'Try again'),
      ];
    case 'closed':
      return [h('span', {}, 'Closed')];
  }
}
