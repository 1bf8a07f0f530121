import { describe, expect, it } from 'vitest';
import { iceCredentials, iceFragment, withFormatParameters, withIceRestart, withSimulcastReversed, withStartBitrate, withStereoOpus } from './sdp.ts';

const sdp = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');

const description = sdp(
  'v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=ice-ufrag:old1', 'a=ice-pwd:oldpassword',
  'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111',
  'a=candidate:1 1 udp 1 10.0.0.1 8189 typ host', 'a=end-of-candidates',
  'm=video 9 UDP/TLS/RTP/SAVPF 102 103 96', 'a=mid:1', 'a=ice-ufrag:old1', 'a=ice-pwd:oldpassword',
  'a=rtpmap:102 H264/90000', 'a=fmtp:102 packetization-mode=1', 'a=rtpmap:103 rtx/90000', 'a=fmtp:103 apt=102', 'a=rtpmap:96 VP8/90000',
);

describe('ICE', () => {
  it('reads credentials, and needs both halves', () => {
    expect(iceCredentials(description)).toEqual({ usernameFragment: 'old1', password: 'oldpassword' });
    expect(iceCredentials(sdp('v=0', 'a=ice-ufrag:x'))).toBeUndefined();
  });

  it('puts each candidate under its own section, with the credentials', () => {
    const fragment = iceFragment(description, [{ candidate: 'candidate:5 1 udp 9 10.0.0.9 5000 typ host', sdpMid: '1' }], true);
    expect(fragment).toBe(sdp(
      'a=ice-options:trickle ice2', 'a=group:BUNDLE 0 1',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=mid:0', 'a=ice-ufrag:old1', 'a=ice-pwd:oldpassword', 'a=end-of-candidates',
      'm=video 9 UDP/TLS/RTP/SAVPF 102 103 96', 'a=mid:1', 'a=ice-ufrag:old1', 'a=ice-pwd:oldpassword', 'a=candidate:5 1 udp 9 10.0.0.9 5000 typ host', 'a=end-of-candidates',
    ));
  });

  it('names the bundle section alone when there are no candidates yet', () => {
    const fragment = iceFragment(description, [], false);
    expect(fragment.match(/^m=/gm)).toHaveLength(1);
    expect(fragment).not.toContain('end-of-candidates');
  });

  it('takes new credentials and candidates on a restart, and forgets the old', () => {
    const answer = withIceRestart(description, sdp('a=ice-ufrag:new1', 'a=ice-pwd:newpassword', 'a=candidate:7 1 udp 1 10.0.0.2 8189 typ host'));
    expect(answer).not.toContain('old');
    expect(answer).not.toContain('10.0.0.1');
    expect(answer?.match(/a=ice-ufrag:new1/g)).toHaveLength(2);
    expect(answer?.match(/10\.0\.0\.2/g)).toHaveLength(1);
    expect(answer?.indexOf('10.0.0.2')).toBeLessThan(answer?.indexOf('m=video') ?? 0);
  });

  it('refuses a restart without credentials', () => {
    expect(withIceRestart(description, sdp('a=candidate:7 1 udp 1 10.0.0.2 8189 typ host'))).toBeUndefined();
    expect(withIceRestart(description, '')).toBeUndefined();
  });
});

describe('format parameters', () => {
  it('asks for stereo without losing what was there', () => {
    const line = withStereoOpus(description, 96_000).split('\r\n').find((each) => each.startsWith('a=fmtp:111'));
    expect(line).toBe('a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1;maxaveragebitrate=96000');
  });

  it('replaces a value instead of naming it twice', () => {
    const twice = withStereoOpus(withStereoOpus(description, 96_000), 64_000);
    expect(twice.match(/maxaveragebitrate/g)).toHaveLength(1);
    expect(twice).toContain('maxaveragebitrate=64000');
  });

  it('sets the start bitrate on codecs but not on their repair', () => {
    const changed = withStartBitrate(description, 2_000_000);
    expect(changed).toContain('a=fmtp:102 packetization-mode=1;x-google-start-bitrate=2000');
    expect(changed).toContain('a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=2000');
    expect(changed).toContain('a=fmtp:103 apt=102\r\n');
  });

  it('never starts below a hundred kilobits', () => {
    expect(withStartBitrate(description, 0)).toContain('x-google-start-bitrate=100\r\n');
  });

  it('leaves other kinds of media alone', () => {
    expect(withFormatParameters(description, 'video', /^opus$/i, { stereo: '1' })).toBe(description);
  });

  it('leaves a description without media as it is', () => {
    expect(withStereoOpus(sdp('v=0', 's=-'))).toBe(sdp('v=0', 's=-'));
    expect(withStereoOpus('')).toBe('');
  });

  it('keeps a parameter that has no value', () => {
    const red = sdp('v=0', 'm=audio 9 X 63', 'a=rtpmap:63 opus/48000/2', 'a=fmtp:63 111/111');
    expect(withStereoOpus(red)).toContain('a=fmtp:63 111/111;stereo=1');
  });
});

it('turns the preference among simulcast layers around, and nothing else', () => {
  const offer = sdp('v=0', 'm=video 9 X 96', 'a=rid:l send', 'a=rid:h send', 'a=simulcast:send l;m;h');
  expect(withSimulcastReversed(offer)).toBe(sdp('v=0', 'm=video 9 X 96', 'a=rid:l send', 'a=rid:h send', 'a=simulcast:send h;m;l'));
  expect(withSimulcastReversed(description)).toBe(description);
});
