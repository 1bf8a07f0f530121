import type { Statistics } from '@sluice/player';
import { h, setText } from '../dom.ts';
import { formatBitrate, formatCodec, formatMilliseconds, formatPercent } from '../format.ts';
import { protocolNames } from './player-menu.ts';

export interface StatisticsOverlay {
  readonly element: HTMLElement;
  readonly close: HTMLButtonElement;
  readonly show: (statistics: Statistics) => void;
}

/** Undefined where a protocol has no such thing. */
type Row = readonly [label: string, value: (statistics: Statistics) => string | undefined];

const rows: readonly Row[] = [
  ['Played by', ({ protocol }) => protocolNames[protocol]],
  ['Delay', ({ latency }) => (latency === undefined ? '–' : `${formatMilliseconds(latency.milliseconds)} (${latency.source === 'capture-clock' ? 'measured' : 'estimated'})`)],
  ['Picture', (s) => (s.width === undefined ? '–' : `${s.width} × ${s.height ?? 0}, ${Math.round(s.framesPerSecond ?? 0)} fps`)],
  ['Codecs', (s) => [s.codec, s.audioCodec].filter((codec) => codec !== undefined).map(formatCodec).join(' + ') || '–'],
  ['Bitrate', (s) => [s.bitrate, s.audioBitrate].filter((rate) => rate !== undefined).map(formatBitrate).join(' + ') || '–'],
  ['Buffer', (s) => (s.protocol === 'hls' ? formatMilliseconds(s.jitterBufferDelay) : `${formatMilliseconds(s.jitterBufferDelay)}, jitter ${formatMilliseconds(s.jitter)}`)],
  ['Round trip', (s) => packets(s, formatMilliseconds(s.roundTripTime))],
  ['Loss', (s) => packets(s, `${formatPercent(s.lossFraction)}, ${s.packetsLost} in all`)],
  ['Asked again', (s) => packets(s, `${s.retransmitRequests} packets, ${s.keyframeRequests} keyframes`)],
  ['Decoding', (s) => packets(s, `${formatMilliseconds(s.decodeTime)} a frame`)],
  ['Dropped', (s) => `${s.framesDropped} of ${s.framesDecoded + s.framesDropped} frames`],
  ['Freezes', (s) => packets(s, `${s.freezeCount}, ${(s.freezeDuration / 1000).toFixed(1)} s`)],
];

/** What is known only where packets come one by one. */
function packets(statistics: Statistics, words: string): string | undefined {
  return statistics.protocol === 'webrtc' ? words : undefined;
}

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
        for (const { label, cell, value } of cells) {
          const words = value(statistics);
          label.hidden = words === undefined;
          cell.hidden = words === undefined;
          setText(cell, words ?? '');
        }
      }
    },
  };
}
