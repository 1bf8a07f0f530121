import { Failure } from '@sluice/signalling';
import { codecName } from './hls-engine.ts';

/**
 * What a multivariant playlist has that cannot be played, as a failure that names it; undefined where one variant can be, or where the playlist does not tell.
 * Asked before anything is loaded: players leave out what they do not decode, and would play the sound without the picture.
 */
export function undecodable(playlist: string, video: HTMLVideoElement): Failure | undefined {
  const variants = [...playlist.matchAll(/^#EXT-X-STREAM-INF:.*CODECS="([^"]*)"/gm)].map(([, codecs = '']) =>
    codecs.split(',').filter((codec) => codec !== '' && video.canPlayType(`video/mp4; codecs="${codec}"`) === ''));
  if (variants.every((missing) => missing.length > 0) && variants.length > 0) {
    return new Failure('unsupported', `This browser does not decode ${[...new Set(variants.flat().map(codecName))].join(' and ')}, and HLS has nothing else.`);
  }
  return undefined;
}
