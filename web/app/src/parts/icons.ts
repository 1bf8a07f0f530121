import { svg } from '../dom.ts';

/** Outlines on a 24 × 24 grid, drawn with the text's colour. */
const outlines = {
  play: 'M7 4.5v15l12.5-7.5z',
  pause: 'M8 5v14M16 5v14',
  volume: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11',
  muted: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  fullscreen: 'M4 9V4.5h4.5M15.5 4.5H20V9M20 15v4.5h-4.5M8.5 19.5H4V15',
  windowed: 'M8.5 4.5V9H4M20 9h-4.5V4.5M15.5 19.5V15H20M4 15h4.5v4.5',
  pictureInPicture: 'M3.5 5.5h17v13h-17zM12.5 12.5h5.5v3.5h-5.5z',
  chart: 'M4 19.5h16M7 16v-4M12 16V6M17 16V9.5',
  copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5c0-3.5 2.8-5.5 6.5-5.5s6.5 2 6.5 5.5M15.5 4.8a3.5 3.5 0 0 1 0 6.4M17.5 14.3c2.5.6 4 2.4 4 5.2',
  camera: 'M3 7h12.5v10H3zM15.5 11l5.5-3.5v9L15.5 13',
  screen: 'M3 4.5h18v12H3zM9 20h6M12 16.5V20',
  microphone: 'M12 3.5a2.8 2.8 0 0 0-2.8 2.8v5.2a2.8 2.8 0 0 0 5.6 0V6.3A2.8 2.8 0 0 0 12 3.5zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  broadcast: 'M12 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM8 16a5.7 5.7 0 0 1 0-8M16 8a5.7 5.7 0 0 1 0 8M5 19a9.9 9.9 0 0 1 0-14M19 5a9.9 9.9 0 0 1 0 14',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2',
  warning: 'M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.2',
  info: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.5M12 7.8V8',
  retry: 'M4.5 12a7.5 7.5 0 0 1 13-5.2L20 9M20 4v5h-5M19.5 12a7.5 7.5 0 0 1-13 5.2L4 15M4 20v-5h5',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12.5L19.5 4M16 7.5l3 3',
  stop: 'M6.5 6.5h11v11h-11z',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5',
  plus: 'M12 5v14M5 12h14',
  gear: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 5.6l1.8 1.8M16.6 16.6l1.8 1.8M5.6 18.4l1.8-1.8M16.6 7.4l1.8-1.8',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 19.5h15',
  scissors: 'M6.5 4a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM6.5 15a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8.5 8L20 17M8.5 16L20 7',
  record: 'M12 6.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z',
  back: 'M11 5l-7 7 7 7M4.5 12H20',
} as const;

export type IconName = keyof typeof outlines;

const filled: ReadonlySet<IconName> = new Set(['play', 'stop', 'record']);

export function icon(name: IconName): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 24 24', class: filled.has(name) ? 'icon icon-filled' : 'icon', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: outlines[name] }),
  );
}

/** A gate with the stream let through below it. */
export function logo(): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 32 32', class: 'logo', 'aria-hidden': 'true', focusable: 'false' },
    svg('rect', { width: '32', height: '32', rx: '8', class: 'logo-ground' }),
    svg('path', { d: 'M9 6.5v10M16 6.5v6M23 6.5v10', class: 'logo-gate' }),
    svg('path', { d: 'M5.5 21.5c2.6-2.4 5.2-2.4 7.8 0s5.2 2.4 7.8 0 3.9-2.2 5.4-1.2M8.5 26.3c1.9-1.5 3.8-1.5 5.7 0s3.8 1.5 5.7 0 2.7-1.3 3.7-.8', class: 'logo-water' }),
  );
}
