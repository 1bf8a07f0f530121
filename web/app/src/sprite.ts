/** Small pictures of a recording in one image, in rows from left to right, one every so many seconds. */
export interface Sprite {
  readonly url: string;
  readonly columns: number;
  readonly count: number;
  /** Of one picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Seconds from one picture to the next. */
  readonly interval: number;
}

/** Where the picture of a moment lies in the image; undefined where there is none. */
export function pictureAt(sprite: Sprite, seconds: number): { readonly x: number; readonly y: number } | undefined {
  const { columns, count, width, height, interval } = sprite;
  if (!(interval > 0) || !(columns >= 1) || !(count >= 1) || !Number.isFinite(seconds)) {
    return undefined;
  }
  const index = Math.min(count - 1, Math.max(0, Math.floor(seconds / interval)));
  return { x: (index % columns) * width, y: Math.floor(index / columns) * height };
}
