import { sendableVideoCodecs } from '@sluice/publisher';
import type { VideoCodec } from '@sluice/publisher';
import { h } from '../dom.ts';
import { recall, store } from '../storage.ts';
import { canCapture, canShareScreen } from './capture.ts';
import type { CaptureSettings } from './capture.ts';
import { icon } from './icons.ts';

export interface BroadcastSettings extends CaptureSettings {
  readonly codec: VideoCodec | undefined;
  /** Bits per second for the best layer. */
  readonly bitrate: number;
  readonly simulcast: boolean;
}

export interface SettingsForm {
  readonly element: HTMLElement;
  readonly read: () => BroadcastSettings;
  /** Names of devices are known only once one of them was allowed. */
  readonly refreshDevices: () => Promise<void>;
  /** While live, what the connection was made with stays as it is. */
  readonly lock: (locked: boolean) => void;
  readonly setSource: (source: CaptureSettings['source']) => void;
}

const stored = 'sluice.broadcast';
const codecNames: Readonly<Record<VideoCodec, string>> = {
  H264: 'H.264, plays everywhere',
  VP8: 'VP8, light on old computers',
  VP9: 'VP9, sharper for the same bitrate',
  AV1: 'AV1, sharpest, needs a fast computer',
  H265: 'H.265, few viewers can play it',
};
const bitratesByHeight: Readonly<Record<string, number>> = { 360: 800, 480: 1200, 720: 2500, 1080: 4500, 1440: 8000 };

/** Calls `onSource` when something changed for which the camera must be opened anew. */
export function settingsForm(onSource: () => void): SettingsForm {
  const remembered = readStored();
  const segment = (value: CaptureSettings['source'], name: 'camera' | 'screen', label: string): HTMLLabelElement =>
    h('label', { class: 'segment' },
      h('input', { type: 'radio', name: 'source', value, testid: `source-${value}`, checked: value === 'camera' }), icon(name), label);
  const sources = h('fieldset', { class: 'segments' }, h('legend', { class: 'visually-hidden' }, 'Source'), segment('camera', 'camera', 'Camera'), segment('screen', 'screen', 'Screen'));
  const camera = select('camera-select', [['', 'Default camera']]);
  const microphone = select('microphone-select', [['', 'Default microphone'], ['none', 'No microphone']]);
  const height = select('resolution-select', [['1440', '1440p'], ['1080', '1080p'], ['720', '720p'], ['480', '480p'], ['360', '360p']], remembered['height'] ?? '720');
  const frames = select('fps-select', [['60', '60 fps'], ['30', '30 fps'], ['15', '15 fps']], remembered['frames'] ?? '30');
  const bitrate = h('input', { type: 'range', min: 300, max: 10_000, step: 100, id: 'bitrate', testid: 'bitrate', value: remembered['bitrate'] ?? bitratesByHeight[height.value] ?? 2500 });
  const bitrateWords = h('output', { for: 'bitrate', class: 'tabular' });
  const codec = select('codec-select', sendableVideoCodecs().map((name) => [name, codecNames[name]]), remembered['codec']);
  const simulcast = h('input', { type: 'checkbox', class: 'switch', id: 'simulcast', testid: 'simulcast', checked: remembered['simulcast'] === 'true' });
  const cleanVoice = h('input', { type: 'checkbox', class: 'switch', id: 'clean-voice', checked: remembered['cleanVoice'] !== 'false' });

  const showBitrate = (): void => {
    bitrateWords.textContent = `${(Number(bitrate.value) / 1000).toFixed(1)} Mbit/s`;
  };
  sources.hidden = !canShareScreen();
  const cameraField = field('Camera', camera);
  const source = (): CaptureSettings['source'] => (sources.querySelector<HTMLInputElement>('input:checked')?.value === 'screen' ? 'screen' : 'camera');
  const remember = (): void =>
    store(stored, JSON.stringify({
      height: height.value, frames: frames.value, bitrate: bitrate.value, codec: codec.value,
      simulcast: String(simulcast.checked), cleanVoice: String(cleanVoice.checked),
    }));
  height.addEventListener('change', () => {
    if (!bitrate.disabled) {
      bitrate.value = String(bitratesByHeight[height.value] ?? 2500);
      showBitrate();
    }
  });
  bitrate.addEventListener('input', showBitrate);
  for (const element of [height, frames, bitrate, codec, simulcast, cleanVoice]) {
    element.addEventListener('change', remember);
  }
  for (const element of [sources, camera, microphone, height, frames, cleanVoice]) {
    element.addEventListener('change', () => {
      cameraField.hidden = source() === 'screen';
      onSource();
    });
  }
  showBitrate();

  const element = h('div', { class: 'settings-fields' },
    sources,
    cameraField,
    field('Microphone', microphone),
    h('div', { class: 'field-pair' }, field('Resolution', height), field('Frame rate', frames)),
    h('div', { class: 'field' }, h('div', { class: 'label-row' }, h('label', { for: 'bitrate' }, 'Bitrate'), bitrateWords), bitrate),
    field('Codec', codec),
    toggle('Several qualities', 'Viewers on slow connections get a smaller picture instead of a stuttering one. Needs more upload.', simulcast),
    toggle('Clean up voice', 'Takes out echo and background noise. Switch it off for music.', cleanVoice));

  return {
    element,
    read: () => ({
      source: source(),
      camera: camera.value,
      microphone: microphone.value,
      height: Number(height.value),
      framesPerSecond: Number(frames.value),
      cleanVoice: cleanVoice.checked,
      codec: codec.value === '' ? undefined : (codec.value as VideoCodec),
      bitrate: Number(bitrate.value) * 1000,
      simulcast: simulcast.checked,
    }),
    refreshDevices: async () => {
      if (!canCapture()) {
        return;
      }
      const devices = await navigator.mediaDevices.enumerateDevices();
      fill(camera, devices, 'videoinput', [['', 'Default camera']]);
      fill(microphone, devices, 'audioinput', [['', 'Default microphone'], ['none', 'No microphone']]);
    },
    lock: (locked) => {
      for (const control of [bitrate, codec, simulcast]) {
        control.disabled = locked;
      }
    },
    setSource: (value) => {
      const input = sources.querySelector<HTMLInputElement>(`input[value=${value}]`);
      if (input !== null) {
        input.checked = true;
        cameraField.hidden = value === 'screen';
      }
    },
  };
}

type Options = readonly (readonly [value: string, label: string])[];

function select(testid: string, options: Options, value?: string): HTMLSelectElement {
  const element = h('select', { class: 'input', id: testid, testid }, ...options.map(([each, label]) => h('option', { value: each }, label)));
  if (value !== undefined && options.some(([each]) => each === value)) {
    element.value = value;
  }
  return element;
}

function fill(element: HTMLSelectElement, devices: readonly MediaDeviceInfo[], kind: MediaDeviceKind, first: Options): void {
  const before = element.value;
  const named = devices.filter((device) => device.kind === kind && device.deviceId !== '' && device.deviceId !== 'default' && device.label !== '');
  element.replaceChildren(...[...first, ...named.map((device) => [device.deviceId, device.label] as const)].map(([value, label]) => h('option', { value }, label)));
  element.value = before;
  if (element.selectedIndex < 0) {
    element.value = '';
  }
}

function field(label: string, control: HTMLElement): HTMLElement {
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control);
}

function toggle(label: string, words: string, control: HTMLInputElement): HTMLElement {
  return h('div', { class: 'toggle' }, h('label', { for: control.id }, h('span', {}, label), h('span', { class: 'muted small' }, words)), control);
}

function readStored(): Partial<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(recall(stored) ?? '{}');
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)])) : {};
  } catch {
    return {};
  }
}
