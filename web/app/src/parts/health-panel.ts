import type { Health } from '@sluice/publisher';
import { advise } from '../advice.ts';
import type { Goal } from '../advice.ts';
import { h, setText, svg } from '../dom.ts';
import { formatBitrate, formatCodec, formatMilliseconds, formatPercent } from '../format.ts';
import { icon } from './icons.ts';
import { tile } from './tile.ts';

export interface HealthPanel {
  readonly element: HTMLElement;
  readonly show: (health: Health, goal: Goal) => void;
  readonly reset: () => void;
}

const remembered = 60;
const limits = { none: 'nothing', cpu: 'this computer', bandwidth: 'the network', other: 'the browser' } as const;
const verdicts = { good: 'Good', note: 'Fair', bad: 'Poor' } as const;

export function healthPanel(): HealthPanel {
  const verdict = h('span', { class: 'verdict', testid: 'verdict' });
  const lines = h('ul', { class: 'advice', testid: 'advice', 'aria-live': 'polite' });
  const line = svg('polyline', { class: 'spark-line', fill: 'none', 'vector-effect': 'non-scaling-stroke' });
  const area = svg('polygon', { class: 'spark-area' });
  const spark = svg('svg', { class: 'spark', viewBox: '0 0 100 32', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, area, line);
  const bitrate = h('span', { class: 'tile-value tabular', testid: 'bitrate-value' }, '–');
  const codec = tile('Codec');
  const picture = tile('Picture');
  const frames = tile('Frames');
  const loss = tile('Loss');
  const roundTrip = tile('Round trip');
  const limit = tile('Held back by');
  const layers = h('p', { class: 'muted small tabular', hidden: true });
  const element = h('section', { class: 'panel health', 'aria-label': 'Health', testid: 'health', hidden: true },
    h('div', { class: 'panel-head' }, h('h2', {}, 'Health'), verdict),
    lines,
    h('div', { class: 'tiles' },
      h('div', { class: 'tile tile-wide' }, h('span', { class: 'tile-label' }, 'Bitrate'), bitrate, spark),
      picture.element, frames.element, codec.element, roundTrip.element, loss.element, limit.element),
    layers);
  let history: number[] = [];

  return {
    element,
    reset: () => {
      history = [];
    },
    show: (health, goal) => {
      element.hidden = false;
      const advice = advise(health, goal);
      const worst = advice[0]?.level ?? 'good';
      element.dataset['level'] = worst;
      setText(verdict, verdicts[worst]);
      const words = advice.map(({ text }) => text).join('\n');
      if (lines.dataset['words'] !== words) {
        lines.dataset['words'] = words;
        lines.replaceChildren(...advice.map(({ level, text }) => h('li', { class: `advice-${level}` }, icon(level === 'good' ? 'check' : level === 'note' ? 'info' : 'warning'), h('span', {}, text))));
      }
      setText(bitrate, formatBitrate(health.bitrate));
      setText(picture.value, health.width === undefined ? '–' : `${health.width} × ${health.height ?? 0}`);
      setText(codec.value, health.codec === undefined ? '–' : formatCodec(health.codec));
      setText(frames.value, health.framesPerSecond === undefined ? '–' : `${Math.round(health.framesPerSecond)} fps`);
      setText(loss.value, formatPercent(health.lossFraction));
      setText(roundTrip.value, formatMilliseconds(health.roundTripTime));
      setText(limit.value, limits[health.qualityLimitation]);
      layers.hidden = health.layers.length < 2;
      setText(layers, `Qualities: ${health.layers.filter((layer) => layer.height > 0).map((layer) => `${layer.height}p`).join(' · ')}`);
      if (health.bitrate !== undefined) {
        history = [...history, health.bitrate].slice(-remembered);
        const points = sparkPoints(history, goal.bitrate);
        line.setAttribute('points', points);
        area.setAttribute('points', `${points} 100,32 ${(100 - ((history.length - 1) * 100) / (remembered - 1)).toFixed(1)},32`);
      }
    },
  };
}

/** The newest value at the right edge; the goal, or a higher peak, at the top. */
export function sparkPoints(values: readonly number[], goal: number): string {
  const top = Math.max(goal, ...values, 1);
  return values
    .map((value, index) => `${(100 - ((values.length - 1 - index) * 100) / (remembered - 1)).toFixed(1)},${(31 - (value / top) * 29).toFixed(1)}`)
    .join(' ');
}
