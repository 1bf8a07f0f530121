import type { PublishingView } from '../api/index.ts';
import { h, setText } from '../dom.ts';
import { copyButton, copyField } from './copy.ts';
import { icon } from './icons.ts';

export interface EncoderPanel {
  readonly element: HTMLElement;
  /** What the server says of the key's channel; undefined where there is none. */
  readonly show: (key: string, publishing: PublishingView | undefined) => void;
}

/** What OBS, a phone's app or a hardware encoder wants to know. */
export function encoderPanel(): EncoderPanel {
  const fields = h('div', { class: 'encoder-fields' });
  const missing = h('p', { class: 'muted' }, 'Enter your stream key, and the settings for it appear here.');
  const element = h('section', { class: 'panel encoder', testid: 'encoder', hidden: true, 'aria-label': 'Settings for OBS and other encoders' },
    h('div', { class: 'panel-head' }, h('h2', {}, 'OBS, phones and other encoders')),
    missing,
    fields,
    h('ul', { class: 'encoder-hints muted small' },
      h('li', {}, 'Keyframe interval 2 s, B-frames 0 (x264: tune zerolatency), rate control CBR.'),
      h('li', {}, '2500 kbit/s suit 720p, 4500 to 6000 suit 1080p.'),
      h('li', {}, 'Sound: AAC by RTMP, Opus by WHIP, 48 kHz.')));
  let shown = '';
  return {
    element,
    show: (key, publishing) => {
      const known = publishing === undefined ? '' : `${key} ${JSON.stringify(publishing.publish)}`;
      if (known === shown) {
        return;
      }
      shown = known;
      missing.hidden = publishing !== undefined;
      if (publishing === undefined) {
        fields.replaceChildren();
        return;
      }
      const { rtmp, rtmps, whip } = publishing.publish;
      fields.replaceChildren(
        ...(rtmp === undefined ? [] : [
          h('h3', {}, 'RTMP'),
          copyField('Server', rtmp, 'rtmp-server'),
          ...(rtmps === undefined ? [] : [copyField('Server, encrypted', rtmps, 'rtmps-server')]),
          secretField('Stream key', key, 'rtmp-key'),
        ]),
        h('h3', {}, rtmp === undefined ? 'WHIP' : 'or WHIP, with less delay'),
        copyField('Server', whip, 'whip-server'),
        secretField('Bearer token', key, 'whip-key'));
    },
  };
}

/** A secret: shown only while asked for, and copied without being shown. */
export function secretField(label: string, value: string, testid: string): HTMLElement {
  const field = h('input', { class: 'input copy-value', type: 'password', readonly: true, autocomplete: 'off', value, 'aria-label': label, testid });
  const words = h('span', { class: 'visually-hidden' }, `Show the ${label.toLowerCase()}`);
  const reveal = h('button', { type: 'button', class: 'icon-button', 'aria-pressed': 'false', title: 'Show', testid: `${testid}-show` }, icon('eye'), words);
  reveal.addEventListener('click', () => {
    const hidden = field.type === 'password';
    field.type = hidden ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', String(hidden));
    reveal.title = hidden ? 'Hide' : 'Show';
    setText(words, `${hidden ? 'Hide' : 'Show'} the ${label.toLowerCase()}`);
  });
  return h('div', { class: 'copy-field' }, h('span', { class: 'copy-label' }, label), h('div', { class: 'copy-row' }, field, reveal, copyButton(() => field.value, 'Copy')));
}
