export type VideoCodec = 'H264' | 'VP8' | 'VP9' | 'AV1' | 'H265';

const known: readonly VideoCodec[] = ['H264', 'VP8', 'VP9', 'AV1', 'H265'];

interface CodecName {
  readonly mimeType: string;
}

function isCodec(codec: CodecName, name: VideoCodec): boolean {
  return codec.mimeType.toLowerCase() === `video/${name.toLowerCase()}`;
}

/** The video codecs this browser can send, in the order in which they are best known to work everywhere. */
export function sendableVideoCodecs(): VideoCodec[] {
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  return known.filter((name) => codecs.some((codec) => isCodec(codec, name)));
}

/** The wanted codec first, the others after it in their own order, so that a server without it still gets a picture. */
export function preferCodec<T extends CodecName>(codecs: readonly T[], wanted: VideoCodec): T[] {
  return [...codecs.filter((codec) => isCodec(codec, wanted)), ...codecs.filter((codec) => !isCodec(codec, wanted))];
}
