import type { Player, Protocol, ProtocolWish } from '@sluice/player';
import { h, setText } from '../dom.ts';
import { formatDelay } from '../format.ts';
import { store } from '../storage.ts';
import { icon } from './icons.ts';

/** Where the wish is kept. */
export const storedProtocol = 'sluice.protocol';

export const protocolNames: Readonly<Record<Protocol, string>> = { webrtc: 'WebRTC', hls: 'LL-HLS' };

const wishes: readonly (readonly [wish: ProtocolWish, name: string, words: string])[] = [
  ['auto', 'Automatic', 'WebRTC where it gets through'],
  ['webrtc', 'WebRTC', 'the least delay'],
  ['hls', 'LL-HLS', 'a second or two later, through any firewall'],
];

export function isWish(value: string | boolean | undefined): value is ProtocolWish {
  return wishes.some(([wish]) => wish === value);
}

/** A button with a small menu, in which the viewer chooses what to play by. */
export function playerMenu(player: Player, signal: AbortSignal): HTMLElement {
  const now = h('p', { class: 'menu-now', testid: 'menu-now' });
  const options = wishes.map(([wish, name, words]) =>
    h('label', { class: 'menu-option' },
      h('input', { type: 'radio', name: 'protocol', value: wish, testid: `protocol-${wish}`, checked: player.wish === wish }),
      h('span', {}, h('strong', {}, name), h('span', {}, words))));
  const list = h('fieldset', {}, h('legend', {}, 'Play by'), ...options);
  const panel = h('div', { class: 'player-menu', hidden: true, testid: 'player-menu' }, list, now);
  const button = h('button', { type: 'button', class: 'control', 'aria-label': 'Settings', title: 'Settings', 'aria-expanded': 'false', testid: 'menu-toggle' }, icon('gear'));
  const element = h('div', { class: 'menu-holder' }, button, panel);

  const open = (shown: boolean): void => {
    panel.hidden = !shown;
    button.setAttribute('aria-expanded', String(shown));
    if (shown) {
      panel.querySelector<HTMLInputElement>('input:checked')?.focus({ preventScroll: true });
    }
  };
  button.addEventListener('click', () => open(panel.hasAttribute('hidden')));
  list.addEventListener('change', () => {
    const chosen = list.querySelector<HTMLInputElement>('input:checked')?.value;
    if (isWish(chosen)) {
      store(storedProtocol, chosen);
      player.prefer(chosen);
    }
  });
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) {
      event.stopPropagation();
      open(false);
      button.focus({ preventScroll: true });
    }
  });
  document.addEventListener('pointerdown', (event) => {
    if (!panel.hidden && event.target instanceof Node && !element.contains(event.target)) {
      open(false);
    }
  }, { signal });
  const showNow = (): void => setText(now, playsBy(player, true));
  player.on('protocol', showNow, signal);
  player.on('statistics', showNow, signal);
  return element;
}

/** "WebRTC", or "LL-HLS 1.4 s"; with the reason, where the player found one. */
export function playsBy(player: Player, withReason = false): string {
  const { protocol, statistics, fallback } = player;
  if (protocol === undefined) {
    return '';
  }
  const latency = protocol === 'hls' && !player.rewound && statistics?.protocol === 'hls' ? statistics.latency : undefined;
  const words = latency === undefined ? protocolNames[protocol] : `${protocolNames[protocol]} ${formatDelay(latency.milliseconds)}`;
  return withReason && fallback !== undefined ? `${words}. ${fallback.detail}` : words;
}
