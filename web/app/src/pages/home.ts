import { bestVideo, listStreams, Refusal } from '../api/index.ts';
import type { StreamFigures } from '../api/index.ts';
import { h, setText } from '../dom.ts';
import { formatCount, formatQuality, formatUptime } from '../format.ts';
import { icon } from '../parts/icons.ts';
import { portrait } from '../parts/portrait.ts';
import { thumbnail } from '../parts/thumbnail.ts';
import { poll } from '../poll.ts';
import type { PageContext } from '../router.ts';

export function homePage({ signal, setTitle }: PageContext): HTMLElement {
  setTitle('Live now');
  const count = h('p', { class: 'muted', testid: 'live-count' });
  const filter = h('input', { class: 'input', type: 'search', placeholder: 'Find a channel', 'aria-label': 'Find a channel', hidden: true });
  const notice = h('p', { class: 'notice notice-warn', role: 'status', hidden: true });
  const grid = h('ul', { class: 'stream-grid', testid: 'stream-grid' });
  const loading = h('ul', { class: 'stream-grid', 'aria-hidden': 'true' }, ...Array.from({ length: 3 }, () => h('li', { class: 'skeleton' })));
  const empty = emptyState();
  empty.hidden = true;
  const cards = new Map<string, Card>();

  const sift = (): void => {
    const wanted = filter.value.trim().toLowerCase();
    for (const card of cards.values()) {
      card.element.hidden = wanted !== '' && !card.words.includes(wanted);
    }
  };
  filter.addEventListener('input', sift);

  const show = (streams: readonly StreamFigures[]): void => {
    const order = [...streams].sort((a, b) => b.viewers - a.viewers || a.startedAt.localeCompare(b.startedAt) || a.channel.localeCompare(b.channel));
    const present = new Set(order.map((stream) => stream.channel));
    for (const [channel, card] of cards) {
      if (!present.has(channel)) {
        card.element.remove();
        cards.delete(channel);
      }
    }
    order.forEach((stream, index) => {
      const card = cards.get(stream.channel) ?? createCard(stream);
      cards.set(stream.channel, card);
      card.update(stream);
      // Moving a card that is in its place already would take the focus from it.
      if (grid.children[index] !== card.element) {
        grid.insertBefore(card.element, grid.children[index] ?? null);
      }
    });
    loading.hidden = true;
    empty.hidden = order.length > 0;
    grid.hidden = order.length === 0;
    filter.hidden = order.length < 7;
    setText(count, order.length === 0 ? '' : order.length === 1 ? '1 channel is live' : `${order.length} channels are live`);
    sift();
  };

  poll(4000, signal, async () => {
    try {
      show(await listStreams(signal));
      notice.hidden = true;
    } catch (error) {
      if (!signal.aborted) {
        notice.hidden = false;
        setText(notice, `${error instanceof Refusal ? error.message : 'The list could not be read.'} Trying again.`);
      }
    }
  });

  return h('section', { class: 'page' },
    h('div', { class: 'page-head' }, h('div', {}, h('h1', {}, 'Live now'), count), filter),
    notice, loading, grid, empty);
}

interface Card {
  readonly element: HTMLElement;
  words: string;
  update: (stream: StreamFigures) => void;
}

function createCard(first: StreamFigures): Card {
  const viewers = h('span', {});
  const quality = h('span', { class: 'chip chip-dark' });
  const uptime = h('span', { class: 'muted' });
  const name = h('span', { class: 'card-name' });
  const title = h('span', { class: 'card-title' });
  const picture = thumbnail(first.channel, first.name);
  const element = h('li', { testid: 'stream-card', 'data-channel': first.channel },
    h('a', { class: 'card', href: `/watch/${encodeURIComponent(first.channel)}` },
      h('div', { class: 'card-picture' },
        picture.element,
        h('div', { class: 'card-badges' }, h('span', { class: 'badge-live' }, 'Live'), h('span', { class: 'chip chip-dark' }, icon('people'), viewers)),
        h('div', { class: 'card-badges card-badges-end' }, quality)),
      h('div', { class: 'card-body' },
        portrait(first.channel, first.name, 'avatar'),
        h('div', { class: 'card-words' }, title, h('span', { class: 'card-line' }, name, uptime)))));
  const card: Card = {
    element,
    words: '',
    update: (stream) => {
      const video = bestVideo(stream);
      const shown = stream.name === '' ? stream.channel : stream.name;
      setText(title, stream.title === '' ? shown : stream.title);
      setText(name, stream.title !== '' ? shown : `@${stream.channel}`);
      setText(viewers, formatCount(stream.viewers));
      viewers.setAttribute('aria-label', `${stream.viewers} watching`);
      const words = video === undefined ? 'Audio' : formatQuality(video.width, video.height, video.framesPerSecond);
      quality.hidden = words === '';
      setText(quality, words);
      setText(uptime, formatUptime(Date.now() - Date.parse(stream.startedAt)));
      picture.refresh();
      card.words = `${stream.channel} ${stream.name} ${stream.title}`.toLowerCase();
    },
  };
  return card;
}

function emptyState(): HTMLElement {
  return h('div', { class: 'empty', testid: 'empty-state' },
    h('div', { class: 'empty-mark' }, icon('broadcast')),
    h('h2', {}, 'Nobody is live right now'),
    h('p', { class: 'muted' }, 'Be the first. Streams appear here by themselves, a moment after they start.'),
    h('div', { class: 'ways' },
      h('div', { class: 'way' },
        h('h3', {}, icon('camera'), 'From this browser'),
        h('p', { class: 'muted' }, 'Camera or screen, nothing to install. All you need is a stream key.'),
        h('a', { href: '/broadcast', class: 'button' }, 'Broadcast')),
      h('div', { class: 'way' },
        h('h3', {}, icon('screen'), 'From OBS Studio'),
        h('p', { class: 'muted' }, 'OBS, a phone or an encoder, by RTMP or WHIP. The Broadcast page shows the settings for your stream key.'),
        h('a', { href: '/broadcast?with=encoder', class: 'button button-quiet' }, 'Show the settings'))),
    h('p', { class: 'muted small' }, 'No key yet? Whoever runs this server makes channels in the ', h('a', { href: '/console' }, 'console'), '.'));
}
