import type { Statistics } from '@sluice/player';
import { h, setText } from '../dom.ts';
import { formatBitrate, formatCodec, formatMilliseconds, formatPercent } from '../format.ts';

export interface StatisticsOverlay {
  readonly element: HTMLElement;
  readonly close: HTMLButtonElement;
  readonly show: (statistics: Statistics) => void;
}

type Row = readonly [label: string, value: (statistics: Statistics) => string];

const rows: readonly Row[] = [
  ['Delay', ({ latency }) => (latency === undefined ? '–' : `${formatMilliseconds(latency.milliseconds)} (${latency.source === 'capture-clock' ? 'measured' : 'estimated'})`)],
  ['Picture', (s) => (s.width === undefined ? '–' : `${s.width} × ${s.height ?? 0}, ${Math.round(s.framesPerSecond ?? 0)} fps`)],
  ['Codecs', (s) => [s.codec, s.audioCodec].filter((codec) => codec !== undefined).map(formatCodec).join(' + ') || '–'],
  ['Bitrate', (s) => [s.bitrate, s.audioBitrate].filter((rate) => rate !== undefined).map(formatBitrate).join(' + ') || '–'],
  ['Buffer', (s) => `${formatMilliseconds(s.jitterBufferDelay)}, jitter ${formatMilliseconds(s.jitter)}`],
  ['Round trip', (s) => formatMilliseconds(s.roundTripTime)],
  ['Loss', (s) => `${formatPercent(s.lossFraction)}, ${s.packetsLost} in all`],
  ['Asked again', (s) => `${s.retransmitRequests} packets, ${s.keyframeRequests} keyframes`],
  ['Decoding', (s) => `${formatMilliseconds(s.decodeTime)} a frame`],
  ['Dropped', (s) => `${s.framesDropped} of ${s.framesDecoded + s.framesDropped} frames`],
  ['Freezes', (s) => `${s.freezeCount}, ${(s.freezeDuration / 1000).toFixed(1)} s`],
];

export function statisticsOverlay(): StatisticsOverlay {
  const cells = rows.map(([label, value]) => ({ label: h('dt', {}, label), cell: h('dd', {}, '–'), value }));
  const close = h('button', { type: 'button', class: 'overlay-close', 'aria-label': 'Close statistics' }, '×');
  const element = h('div', { class: 'statistics', testid: 'stats-overlay', hidden: true, role: 'region', 'aria-label': 'Statistics' },
    close,
    h('dl', {}, ...cells.flatMap(({ label, cell }) => [label, cell])));
  return {
    element,
    close,
    show: (statistics) => {
      if (!element.hidden) {
        for (const { cell, value } of cells) {
          setText(cell, value(statistics));
        }
      }
    },
  };
}
