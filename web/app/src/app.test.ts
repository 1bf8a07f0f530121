import type { Health } from '@sluice/publisher';
import { describe, expect, it } from 'vitest';
import { advise } from './advice.ts';
import { channelOfKey, formatBitrate, formatCodec, formatCount, formatDelay, formatDuration, formatMilliseconds, formatPercent, formatQuality, formatSize, formatUptime, formatViewers, formatWhen, hueOf, initials, parseTime } from './format.ts';
import { sparkPoints } from './parts/health-panel.ts';
import { levelOf } from './parts/level-meter.ts';
import { match } from './router.ts';
import { skewWords } from './parts/arrival-panel.ts';
import { isWish } from './parts/player-menu.ts';
import { nameOf } from './parts/subtitle-menu.ts';
import { pictureAt, readPictures } from './small-pictures.ts';

describe('formats', () => {
  it('calls a language what its speakers do, and what nobody knows by its label', () => {
    expect([nameOf({ language: 'de', label: 'de' }), nameOf({ language: '', label: 'CC1' }), nameOf({ language: 'not a tag', label: 'Other' })]).toEqual(['Deutsch', 'CC1', 'Other']);
  });

  it.each([[undefined, '–'], [0, '0 kbit/s'], [999, '1 kbit/s'], [994_000, '994 kbit/s'], [995_000, '1.0 Mbit/s'], [2_449_000, '2.4 Mbit/s'], [12_400_000, '12 Mbit/s']])('bitrate %s', (value, shown) => {
    expect(formatBitrate(value)).toBe(shown);
  });

  it.each([[-5, '0:00'], [4000, '0:04'], [64_000, '1:04'], [3_600_000, '1:00:00'], [90_061_000, '25:01:01']])('duration %i', (value, shown) => {
    expect(formatDuration(value)).toBe(shown);
  });

  it.each([[0, 'just now'], [61_000, '1 min'], [3_900_000, '1 h 05 min']])('uptime %i', (value, shown) => {
    expect(formatUptime(value)).toBe(shown);
  });

  it.each([[0, '0'], [999, '999'], [1000, '1k'], [1234, '1.2k'], [56_700, '57k'], [999_600, '1M'], [2_340_000, '2.3M']])('count %i', (value, shown) => {
    expect(formatCount(value)).toBe(shown);
  });

  it('speaks of one viewer in the singular', () => {
    expect([formatViewers(0), formatViewers(1), formatViewers(2)]).toEqual(['0 viewers', '1 viewer', '2 viewers']);
  });

  it('does not call a short time none', () => {
    expect([formatMilliseconds(0), formatMilliseconds(0.4), formatMilliseconds(8.04), formatMilliseconds(12.4), formatMilliseconds(undefined)]).toEqual(['0 ms', '< 1 ms', '8.0 ms', '12 ms', '–']);
    expect([formatDelay(180.4), formatDelay(1240)]).toEqual(['180 ms', '1.2 s']);
  });

  it('shows small losses with a digit more', () => {
    expect([formatPercent(0), formatPercent(0.013), formatPercent(0.25), formatPercent(undefined)]).toEqual(['0 %', '1.3 %', '25 %', '–']);
  });

  it('names a quality by its short side and unusual rate', () => {
    expect([formatQuality(1280, 720, 30), formatQuality(1920, 1080, 59.94), formatQuality(720, 1280), formatQuality(null, 720), formatQuality(0, 0)]).toEqual(['720p', '1080p60', '720p', '', '']);
  });

  it('writes codecs as people do', () => {
    expect(['H264', 'h265', 'opus', 'VP8', 'AV1'].map(formatCodec)).toEqual(['H.264', 'H.265', 'Opus', 'VP8', 'AV1']);
  });

  it('makes initials of any name', () => {
    expect([initials('Night owls'), initials('night_owls'), initials('kiln'), initials('x'), initials(''), initials('🦉 owls')]).toEqual(['NO', 'NO', 'KI', 'X', '?', '🦉O']);
  });

  it('keeps a name’s colour within the wheel', () => {
    for (const name of ['', 'a', 'night_owls', '🦉']) {
      expect(hueOf(name)).toBe(hueOf(name));
      expect(hueOf(name)).toBeGreaterThanOrEqual(0);
      expect(hueOf(name)).toBeLessThan(360);
    }
    expect(hueOf('a')).not.toBe(hueOf('b'));
  });
});

describe('recordings', () => {
  it.each(['', ' ', '-1', '1:', ':5', '1:2:3:4', 'a', '1e3', '0x10', '1,5', '1.5:00', 'NaN', '١'])('are not cut at %j', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it.each([['0', 0], ['95', 95], ['1:35', 95], ['1:02:03', 3723], [' 0:07.5 ', 7.5], ['90:00', 5400]])('are cut at %j', (text, seconds) => {
    expect(parseTime(text)).toBe(seconds);
  });

  it.each([[-1, '0 kB'], [0, '0 kB'], [999_000, '999 kB'], [999_600, '1.0 MB'], [12_345_678, '12 MB'], [4_200_000_000, '4.2 GB'], [9e15, '9000 TB']])('of %d bytes have %s', (bytes, shown) => {
    expect(formatSize(bytes)).toBe(shown);
  });

  it('bear a time that is none', () => {
    expect(formatWhen('soon')).toBe('–');
    expect(formatWhen('2020-05-06T07:08:09Z', Date.parse('2026-01-01'))).toContain('2020');
    expect(formatWhen('2026-05-06T07:08:09Z', Date.parse('2026-06-01'))).not.toContain('2026');
  });

  it.each(['', 'WEBVTT', 'WEBVTT\n\nnonsense', 'WEBVTT\n\n00:00.000 --> 00:05.000\na.jpg', 'WEBVTT\n\n00:00.000 --> 00:05.000\na.jpg#xywh=0,0,0,9',
    'WEBVTT\n\n00:00.000 --> 00:05.000\nhttps://elsewhere/a.jpg#xywh=0,0,16,9'])('take %j for no small pictures', (text) => {
    expect(readPictures(text, 'https://a/recordings/1/thumbnails.vtt')).toEqual([]);
  });

  it('have a small picture for each moment, and the nearest beyond the ends', () => {
    const text = 'WEBVTT\r\n\r\n00:00:00.000 --> 00:00:05.000\r\n1/sprite.jpg?token=t#xywh=0,0,160,90\r\n\r\n00:00:05.000 --> 01:00:09.500\r\n2/sprite.jpg#xywh=160,90,160,90\r\n';
    const pictures = readPictures(text, 'https://a/recordings/1/thumbnails.vtt');
    expect(pictures.map((each) => each.url)).toEqual(['https://a/recordings/1/1/sprite.jpg?token=t', 'https://a/recordings/1/2/sprite.jpg']);
    const at = (seconds: number) => pictures.indexOf(pictureAt(pictures, seconds) as (typeof pictures)[0]);
    expect([at(-3), at(0), at(4.9), at(5), at(3609.4), at(9999)]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(pictures[1]).toMatchObject({ end: 3609.5, x: 160, y: 90, width: 160, height: 90 });
    expect(pictureAt(pictures, Number.NaN)).toBeUndefined();
    expect(pictureAt([], 3)).toBeUndefined();
  });
});

describe('how a stream arrives', () => {
  it.each([[0, 'In step'], [-39, 'In step'], [80.4, '80 ms late'], [-250, '250 ms early']])('sound that is %d ms off is “%s”', (skew, words) => {
    expect(skewWords(skew)).toBe(words);
  });
});

describe('the wish for a protocol', () => {
  it.each(['', 'HLS', 'webtransport', undefined, true, '__proto__'])('is not %j', (value) => {
    expect(isWish(value)).toBe(false);
  });
});

describe('stream keys', () => {
  it('splits at the first dash', () => {
    expect(channelOfKey('night_owls-ab-cd-ef')).toBe('night_owls');
    expect(channelOfKey('  night_owls-abc \n')).toBe('night_owls');
  });

  it.each(['', '-', 'abc', 'abc-', '-abc', 'Night-abc', 'a b-c', 'a-b c', `${'x'.repeat(65)}-y`])('refuses %j', (key) => {
    expect(channelOfKey(key)).toBeUndefined();
  });
});

describe('routes', () => {
  const page = () => undefined as never;
  const routes = [{ pattern: /^\/watch\/(?<channel>[^/]+)$/, page }];

  it('decodes what it captures', () => {
    expect(match(routes, '/watch/n%C3%A4cht')?.parameters).toEqual({ channel: 'nächt' });
  });

  it('bears what cannot be decoded', () => {
    expect(match(routes, '/watch/%E0%A4%A')?.parameters).toEqual({ channel: '%E0%A4%A' });
  });

  it('matches whole paths only', () => {
    expect(match(routes, '/watch/a/b')).toBeUndefined();
    expect(match(routes, '/watch/')).toBeUndefined();
  });
});

describe('advice', () => {
  const healthy: Health = {
    at: 0, bitrate: 2_400_000, audioBitrate: 96_000, availableBitrate: 4_000_000, width: 1280, height: 720, framesPerSecond: 30, codec: 'H264', encoder: 'x',
    encodeTime: 5, lossFraction: 0, roundTripTime: 20, qualityLimitation: 'none', retransmitRequests: 0, keyframeRequests: 0, layers: [],
  };
  const goal = { bitrate: 2_500_000, framesPerSecond: 30, age: 60_000 };
  const of = (changes: Partial<Health>, age = goal.age) => advise({ ...healthy, ...changes }, { ...goal, age });

  it('is content when all is well', () => {
    expect(of({})).toEqual([{ level: 'good', text: 'All is well.' }]);
  });

  it('gives an encoder and an estimator time to settle', () => {
    expect(of({ qualityLimitation: 'bandwidth', framesPerSecond: 5, bitrate: 0 }, 1000)).toEqual([{ level: 'good', text: 'Settling in.' }]);
  });

  it('does not wait with a loss', () => {
    expect(of({ lossFraction: 0.12 }, 1000)[0]).toMatchObject({ level: 'bad', text: expect.stringContaining('12 %') as string });
    expect(of({ lossFraction: 0.02 })[0]?.level).toBe('note');
  });

  it('proposes a bitrate below what the upload carries', () => {
    const [advice] = of({ qualityLimitation: 'bandwidth', availableBitrate: 1_600_000 });
    expect(advice).toEqual({ level: 'note', text: 'The upload carries about 1.6 Mbit/s, and 2.5 Mbit/s was asked for. A bitrate of 1.3 Mbit/s will look steadier.' });
    expect(of({ qualityLimitation: 'bandwidth', availableBitrate: 100_000 })[0]?.level).toBe('bad');
  });

  it('does not blame an upload that carries more than asked', () => {
    expect(of({ qualityLimitation: 'bandwidth', availableBitrate: 9_000_000 })[0]?.text).not.toContain('upload carries');
  });

  it('does not blame the light for a slow computer', () => {
    const texts = of({ qualityLimitation: 'cpu', framesPerSecond: 9 }).map((advice) => advice.text).join(' ');
    expect(texts).toContain('computer');
    expect(texts).not.toContain('light');
  });

  it('puts the worst first', () => {
    expect(of({ roundTripTime: 400, lossFraction: 0.2, framesPerSecond: 10 }).map((advice) => advice.level)).toEqual(['bad', 'note', 'note']);
  });
});

describe('drawings', () => {
  it('ends the line at the right edge, below the goal', () => {
    expect(sparkPoints([0, 50, 100], 200).split(' ').at(-1)).toBe('100.0,16.5');
    expect(sparkPoints([], 200)).toBe('');
  });

  it('hears silence as nothing and full scale as all', () => {
    expect(levelOf(new Float32Array(64))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(0))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(0.1))).toBeCloseTo(2 / 3, 1);
  });
});
