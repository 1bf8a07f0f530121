export function formatBitrate(bitsPerSecond: number | undefined): string {
  if (bitsPerSecond === undefined) {
    return '–';
  }
  const kilobits = bitsPerSecond / 1000;
  return kilobits >= 995 ? `${(kilobits / 1000).toFixed(kilobits >= 9950 ? 0 : 1)} Mbit/s` : `${Math.round(kilobits)} kbit/s`;
}

/** Hours only when there are some: 4:05, 1:04:05. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

const units = ['kB', 'MB', 'GB', 'TB'] as const;

/** Of a file, as file managers write it. */
export function formatSize(bytes: number): string {
  let value = Math.max(0, bytes) / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}

/** A day and a time of day, in the reader's own manner; the year only where it is another. */
export function formatWhen(time: string, now = Date.now()): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) {
    return '–';
  }
  const otherYear = at.getFullYear() !== new Date(now).getFullYear();
  return at.toLocaleString(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...(otherYear ? { year: 'numeric' } : {}) });
}

/** Reads seconds from "95", "1:35" or "1:02:03"; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  const parts = text.trim().split(':');
  if (parts.length > 3 || !parts.every((part, index) => (index === parts.length - 1 ? /^\d+(\.\d+)?$/ : /^\d+$/).test(part))) {
    return undefined;
  }
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** For a card: "just now", "12 min", "3 h 05 min". */
export function formatUptime(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) {
    return 'just now';
  }
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

export function formatCount(count: number): string {
  if (count < 1000) {
    return String(count);
  }
  const thousands = count / 1000;
  return thousands < 999.5 ? `${trim(thousands)}k` : `${trim(thousands / 1000)}M`;
}

function trim(value: number): string {
  return value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
}

export function formatViewers(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'viewer' : 'viewers'}`;
}

export function formatMilliseconds(value: number | undefined): string {
  if (value !== undefined && value < 0.95) {
    return value <= 0 ? '0 ms' : '< 1 ms';
  }
  return value === undefined ? '–' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function formatDelay(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

export function formatPercent(fraction: number | undefined): string {
  return fraction === undefined ? '–' : `${(fraction * 100).toFixed(fraction > 0 && fraction < 0.1 ? 1 : 0)} %`;
}

/** As people write it. */
export function formatCodec(name: string): string {
  return name.replace(/^H(26[45])$/i, 'H.$1').replace(/^opus$/i, 'Opus');
}

/** 720p by the short side; the frame rate only when it is unusual. */
export function formatQuality(width: number | null | undefined, height: number | null | undefined, framesPerSecond?: number | null): string {
  if (width === null || height === null || width === undefined || height === undefined || width === 0 || height === 0) {
    return '';
  }
  const frames = Math.round(framesPerSecond ?? 0);
  return `${Math.min(width, height)}p${frames > 32 ? String(frames) : ''}`;
}

/** Two letters that stand for a name where there is no picture. */
export function initials(name: string): string {
  const words = name.split(/[\s_\-.]+/).filter((word) => word !== '');
  const letters = words.length > 1 ? words.slice(0, 2).flatMap((word) => graphemes(word).slice(0, 1)) : graphemes(words[0] ?? '?').slice(0, 2);
  return letters.join('').toLocaleUpperCase();
}

/** What a reader takes for one letter; an emoji is one. */
function graphemes(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/** A hue from 0 to 359 that stays the same for a name. */
export function hueOf(name: string): number {
  let hash = 2_166_136_261;
  for (const character of name) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  }
  return hash % 360;
}

/** The channel of a key `{channel}-{secret}`, split at the first dash; undefined for what is no key. */
export function channelOfKey(key: string): string | undefined {
  return /^([a-z0-9_]{1,64})-\S+$/.exec(key.trim())?.[1];
}
