import { defaultLayers, Publisher, totalBitrate } from '@sluice/publisher';
import type { PublisherState } from '@sluice/publisher';
import { getPublicChannel, getPublishing, getStream, Refusal } from '../api/index.ts';
import type { PublishingView } from '../api/index.ts';
import { expose } from '../debug.ts';
import { h, setText } from '../dom.ts';
import { channelOfKey, formatDuration, formatViewers } from '../format.ts';
import { arrivalPanel } from '../parts/arrival-panel.ts';
import { settingsForm } from '../parts/broadcast-settings.ts';
import { canCapture, canShareScreen, capture, captureProblem } from '../parts/capture.ts';
import type { Captured } from '../parts/capture.ts';
import { copyField } from '../parts/copy.ts';
import { encoderPanel } from '../parts/encoder-panel.ts';
import { healthPanel } from '../parts/health-panel.ts';
import { icon } from '../parts/icons.ts';
import { levelMeter } from '../parts/level-meter.ts';
import { stayAwake } from '../parts/stay-awake.ts';
import { everySecond, poll } from '../poll.ts';
import type { PageContext } from '../router.ts';
import { store, takeFromFragment } from '../storage.ts';

const storedKey = 'sluice.key';
const audioBitrate = 128_000;

export function broadcastPage({ signal, setTitle }: PageContext): HTMLElement {
  setTitle('Broadcast');
  let captured: Captured | undefined;
  let publisher: Publisher | undefined;
  let opening: Promise<boolean> | undefined;

  const preview = h('video', { class: 'preview', testid: 'preview', autoplay: true, playsinline: true, 'aria-label': 'Preview' });
  preview.muted = true;
  const stateBadge = h('span', { class: 'state-badge', testid: 'state', role: 'status', 'data-state': 'idle' }, 'Not live');
  const timer = h('span', { class: 'chip chip-dark tabular', hidden: true });
  const viewers = h('span', { class: 'chip chip-dark', hidden: true, testid: 'viewers' });
  const turnOn = h('button', { type: 'button', class: 'button', testid: 'open-source' }, icon('camera'), 'Turn on the camera');
  const share = h('button', { type: 'button', class: 'button button-quiet', hidden: !canShareScreen() }, icon('screen'), 'Share the screen');
  const placeholder = h('div', { class: 'stage-empty' },
    h('p', {}, 'See yourself before anybody else does.'), h('div', { class: 'stage-buttons' }, turnOn, share));
  const stage = h('div', { class: 'stage' }, preview, placeholder, h('div', { class: 'stage-badges' }, stateBadge, timer, viewers));

  const notice = h('p', { class: 'notice notice-warn', role: 'alert', testid: 'notice', hidden: true });
  const warn = (text: string): void => {
    setText(notice, text);
    notice.hidden = text === '';
  };

  const keyField = h('input', { class: 'input', type: 'password', id: 'key', testid: 'key-input', autocomplete: 'off', spellcheck: 'false', placeholder: 'channel-secret' });
  keyField.value = takeFromFragment('key', storedKey) ?? '';
  const reveal = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Show the key', 'aria-pressed': 'false' }, icon('eye'));
  reveal.addEventListener('click', () => {
    const shown = keyField.type === 'password';
    keyField.type = shown ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', String(shown));
  });
  const keyWords = h('p', { class: 'muted small', testid: 'key-status', 'aria-live': 'polite' });

  const goLive = h('button', { type: 'button', class: 'button button-live', testid: 'go-live' }, icon('broadcast'), h('span', {}, 'Go live'));
  const stop = h('button', { type: 'button', class: 'button button-stop', testid: 'stop', hidden: true }, icon('stop'), h('span', {}, 'End stream'));
  const level = levelMeter(signal);
  const health = healthPanel();
  const encoder = encoderPanel();
  const arrival = arrivalPanel();
  const sharing = h('section', { class: 'panel share', testid: 'share', hidden: true, 'aria-label': 'Share' });
  const settings = settingsForm(() => {
    if (captured !== undefined) {
      void openSource();
    }
  });

  const goBar = h('div', { class: 'go-bar' }, h('div', { class: 'level-field' }, icon('microphone'), level.element), goLive, stop);
  const ways = h('fieldset', { class: 'segments ways-of-sending' }, h('legend', { class: 'visually-hidden' }, 'Send with'),
    way('browser', 'camera', 'This browser'), way('encoder', 'screen', 'OBS or a phone'));
  const byEncoder = (): boolean => ways.querySelector<HTMLInputElement>('input:checked')?.value === 'encoder';
  const showWay = (): void => {
    const other = byEncoder() && !isLive();
    encoder.element.hidden = !other;
    for (const part of [stage, goBar, settings.element]) {
      part.hidden = other;
    }
  };
  ways.addEventListener('change', () => {
    showWay();
    void showPublishing();
  });

  const isLive = (): boolean => publisher !== undefined && !['stopped', 'failed', 'idle'].includes(publisher.state.name);

  const openSource = async (): Promise<boolean> => {
    // One at a time: two prompts at once confuse people and browsers alike.
    await opening;
    opening = openNow();
    return opening;
  };
  const openNow = async (): Promise<boolean> => {
    if (!canCapture()) {
      warn('Browsers hand out cameras and screens only to pages on https or localhost. Open this page that way.');
      return false;
    }
    const wanted = settings.read();
    try {
      const next = await capture(wanted);
      if (signal.aborted) {
        next.stop();
        return false;
      }
      captured?.stop();
      captured = next;
      preview.srcObject = next.stream;
      preview.dataset['mirrored'] = String(wanted.source === 'camera');
      placeholder.hidden = true;
      level.listen(next.stream);
      warn('');
      for (const track of next.stream.getTracks()) {
        track.addEventListener('ended', () => {
          if (captured === next) {
            warn(track.kind === 'video' ? 'The picture’s source has ended. Choose another.' : 'The microphone is gone. Choose another.');
          }
        });
        if (isLive()) {
          await publisher?.replaceTrack(track);
        }
      }
      await settings.refreshDevices();
      return true;
    } catch (error) {
      warn(captureProblem(error));
      return false;
    }
  };

  const begin = async (): Promise<void> => {
    const key = keyField.value.trim();
    const channel = channelOfKey(key);
    if (channel === undefined) {
      warn(key === '' ? 'Enter your stream key first.' : 'This is not a stream key: it looks like channel-secret.');
      keyField.focus();
      return;
    }
    goLive.disabled = true;
    try {
      if (captured === undefined && !(await openSource())) {
        return;
      }
    } finally {
      goLive.disabled = false;
    }
    if (captured === undefined || signal.aborted) {
      return;
    }
    store(storedKey, key, 'session');
    const wanted = settings.read();
    const height = captured.stream.getVideoTracks()[0]?.getSettings().height ?? wanted.height;
    const layers = wanted.simulcast ? defaultLayers(height, wanted.bitrate) : [];
    const goal = totalBitrate(layers) ?? wanted.bitrate;
    publisher = new Publisher({
      url: `/whip/${encodeURIComponent(channel)}`,
      key,
      stream: captured.stream,
      maxBitrate: wanted.bitrate,
      maxFramerate: wanted.framesPerSecond,
      audioBitrate,
      layers,
      contentHint: wanted.source === 'screen' ? 'detail' : 'motion',
      signal,
      ...(wanted.codec === undefined ? {} : { videoCodec: wanted.codec }),
    });
    expose({ publisher });
    health.reset();
    publisher.on('state', showState, signal);
    publisher.on('health', (sample) => {
      const state = publisher?.state;
      if (state?.name === 'live') {
        health.show(sample, { bitrate: goal, framesPerSecond: wanted.framesPerSecond, age: Date.now() - state.since });
      }
    }, signal);
    showSharing(channel);
    warn('');
    publisher.start();
  };

  const showState = (state: PublisherState): void => {
    const running = isLive();
    stateBadge.dataset['state'] = state.name;
    setText(stateBadge, stateWords(state));
    goLive.hidden = running;
    stop.hidden = !running;
    keyField.readOnly = running;
    ways.hidden = running;
    showWay();
    settings.lock(running);
    sharing.hidden = !running;
    if (!running) {
      health.element.hidden = true;
      viewers.hidden = true;
    }
    if (state.name === 'failed') {
      warn(state.failure.detail);
    } else if (state.name === 'reconnecting' && state.failure !== undefined) {
      warn(`${state.failure.detail} Trying again by itself.`);
    } else if (state.name === 'live') {
      warn('');
    }
  };

  const checkKey = (): void => {
    const channel = channelOfKey(keyField.value);
    if (channel === undefined) {
      setText(keyWords, keyField.value === '' ? 'Whoever runs this server gives you one.' : 'A key looks like channel-secret.');
      return;
    }
    getPublicChannel(channel, signal).then(
      (known) => {
        if (channelOfKey(keyField.value) === channel) {
          setText(keyWords, `For the channel ${known.name}.${known.live && !isLive() ? ' It is live already; going live here takes it over.' : ''}`);
        }
      },
      (error: unknown) => {
        if (!signal.aborted) {
          setText(keyWords, error instanceof Refusal && error.status === 404 ? `There is no channel “${channel}”.` : '');
        }
      },
    );
  };

  let asked = '';
  let publishing: PublishingView | undefined;
  /** How the channel of the key is doing, also when something else than this page sends to it. */
  const showPublishing = async (): Promise<void> => {
    const key = keyField.value.trim();
    const channel = channelOfKey(key);
    // A wrong key is told once: asking on and on would look like guessing.
    if (channel === undefined || (publishing === undefined && asked === key)) {
      encoder.show(key, channel === undefined ? undefined : publishing);
      arrival.show(undefined, undefined);
      return;
    }
    asked = key;
    try {
      publishing = await getPublishing(channel, key, signal);
      const stream = publishing.live && !isLive() ? await getStream(channel, signal, key).catch(() => undefined) : undefined;
      if (keyField.value.trim() !== key) {
        return;
      }
      encoder.show(key, publishing);
      arrival.show(stream, isLive() ? undefined : (publishing.lastPublishError ?? undefined));
      sharing.hidden = !isLive() && stream === undefined;
      if (!sharing.hidden && sharing.childElementCount === 0) {
        showSharing(channel);
      }
    } catch (error) {
      if (error instanceof Refusal && error.status >= 400 && error.status < 500 && keyField.value.trim() === key) {
        publishing = undefined;
        encoder.show(key, undefined);
        arrival.show(undefined, undefined);
      }
    }
  };
  const showSharing = (channel: string): void =>
    sharing.replaceChildren(h('h2', {}, 'Share'), copyField('Watch page', `${location.origin}/watch/${channel}`, 'share-link'));

  keyField.addEventListener('change', () => {
    publishing = undefined;
    asked = '';
    sharing.replaceChildren();
    void showPublishing();
  });
  keyField.addEventListener('input', checkKey);
  goLive.addEventListener('click', () => void begin());
  stop.addEventListener('click', () => void publisher?.stop());
  turnOn.addEventListener('click', () => {
    settings.setSource('camera');
    void openSource();
  });
  share.addEventListener('click', () => {
    settings.setSource('screen');
    void openSource();
  });
  everySecond(signal, () => {
    const state = publisher?.state;
    const since = state?.name === 'live' || state?.name === 'reconnecting' ? state.since : undefined;
    timer.hidden = since === undefined;
    if (since !== undefined) {
      setText(timer, formatDuration(Date.now() - since));
    }
  });
  poll(5000, signal, async () => {
    const channel = channelOfKey(keyField.value);
    if (channel === undefined || publisher?.state.name !== 'live') {
      return;
    }
    try {
      const stream = await getStream(channel, signal);
      viewers.hidden = false;
      viewers.replaceChildren(icon('people'), formatViewers(stream.viewers));
    } catch {
      viewers.hidden = true;
    }
  });
  poll(4000, signal, showPublishing);
  globalThis.addEventListener('beforeunload', (event) => {
    if (isLive()) {
      event.preventDefault();
    }
  }, { signal });
  signal.addEventListener('abort', () => {
    captured?.stop();
    expose({ publisher: undefined });
  });
  if (canCapture()) {
    navigator.mediaDevices.addEventListener('devicechange', () => void settings.refreshDevices(), { signal });
    void settings.refreshDevices();
  }
  checkKey();
  if (new URLSearchParams(location.search).get('with') === 'encoder') {
    const input = ways.querySelector<HTMLInputElement>('input[value=encoder]');
    if (input !== null) {
      input.checked = true;
    }
  }
  showWay();
  stayAwake(isLive, signal);

  return h('section', { class: 'page broadcast' },
    h('div', { class: 'page-head' }, h('div', {}, h('h1', {}, 'Broadcast'), h('p', { class: 'muted' }, 'Live from this browser in less than a second, or from the encoder you have.')), ways),
    h('div', { class: 'broadcast-grid' },
      h('div', { class: 'broadcast-main' },
        stage, goBar, notice, encoder.element, arrival.element, sharing, health.element),
      h('aside', { class: 'panel settings', 'aria-label': 'Settings' },
        h('div', { class: 'field' }, h('label', { for: 'key' }, 'Stream key'), h('div', { class: 'key-row' }, keyField, reveal), keyWords),
        settings.element)));
}

function way(value: 'browser' | 'encoder', name: 'camera' | 'screen', label: string): HTMLLabelElement {
  return h('label', { class: 'segment' },
    h('input', { type: 'radio', name: 'way', value, testid: `way-${value}`, checked: value === 'browser' }), icon(name), label);
}

function stateWords(state: PublisherState): string {
  switch (state.name) {
    case 'idle':
      return 'Not live';
    case 'connecting':
      return 'Connecting';
    case 'live':
      return 'Live';
    case 'reconnecting':
      return 'Reconnecting';
    case 'failed':
      return 'Not live';
    case 'stopped':
      return 'Ended';
  }
}
