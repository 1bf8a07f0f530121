import { describe, expect, it } from 'vitest';
import { undecodable } from './hls-codecs.ts';

const variant = (codecs: string): string => `#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="${codecs}",RESOLUTION=320x180,AUDIO="aac"\nvideo-0/index.m3u8\n`;
const video = { canPlayType: (type: string) => (/hvc1|vp08|opus/.test(type) ? '' : 'probably') } as HTMLVideoElement;

describe('what a browser does not decode', () => {
  it.each([
    ['hvc1.1.6.L60.90,mp4a.40.2', 'H265'],
    ['vp08.00.10.08,mp4a.40.2', 'VP8'],
    ['vp08.00.10.08,opus', 'VP8 and opus'],
  ])('is named: %s', (codecs, names) => {
    expect(undecodable(`#EXTM3U\n${variant(codecs)}`, video)).toMatchObject({ kind: 'unsupported', detail: expect.stringContaining(`does not decode ${names},`) as string });
  });

  it.each([
    ['another variant plays', variant('avc1.4d400a,opus') + variant('avc1.4d400a,mp4a.40.2')],
    ['all of it plays', variant('av01.0.00M.08,mp4a.40.2')],
    ['the playlist has no variants', '#EXTINF:2\n0.m4s\n'],
    ['it does not tell its codecs', '#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo-0/index.m3u8\n'],
    ['a name is empty', variant('')],
  ])('does not matter where %s', (_, playlist) => {
    expect(undecodable(`#EXTM3U\n${playlist}`, video)).toBeUndefined();
  });
});
