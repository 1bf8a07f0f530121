/** A small picture of a recording: part of an image, and the time it stands for. */
export interface SmallPicture {
  readonly start: number;
  readonly end: number;
  readonly url: string;
  /** Where it lies in the image, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** More than a picture every ten seconds of a day is not looked at. */
const most = 10_000;
const cue = /^(\d+(?::\d+)+\.\d+)\s+-->\s+(\d+(?::\d+)+\.\d+)[^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

/** The picture of a moment; the nearest beyond the ends. */
export function pictureAt(pictures: readonly SmallPicture[], seconds: number): SmallPicture | undefined {
  if (!Number.isFinite(seconds)) {
    return undefined;
  }
  return pictures.find((each) => seconds < each.end) ?? pictures.at(-1);
}

/** Reads WebVTT that names parts of images (Media Fragments 1.0); cues of another form are passed over. */
export function readPictures(text: string, base: string): readonly SmallPicture[] {
  const pictures: SmallPicture[] = [];
  for (const block of text.replaceAll('\r\n', '\n').split(/\n{2,}/)) {
    const found = cue.exec(block.trim());
    if (found === null || pictures.length === most) {
      continue;
    }
    const [, start = '', end = '', address = '', x, y, width, height] = found;
    const url = URL.canParse(address, base) ? new URL(address, base) : undefined;
    if (url?.origin === new URL(base).origin && Number(width) > 0 && Number(height) > 0) {
      pictures.push({ start: secondsOf(start), end: secondsOf(end), url: url.href, x: Number(x), y: Number(y), width: Number(width), height: Number(height) });
    }
  }
  return pictures;
}

function secondsOf(stamp: string): number {
  return stamp.split(':').reduce((sum, each) => sum * 60 + Number(each), 0);
}

/** Asks for the small pictures named at an address of ours. That there are none is nothing to speak of. */
export async function findPictures(path: string, signal: AbortSignal): Promise<readonly SmallPicture[]> {
  const address = new URL(path, location.href).href;
  const response = await fetch(address, { signal });
  return response.ok ? readPictures(await response.text(), address) : [];
}
