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

/** Reads the description of a recording's small pictures; undefined where it has none. */
export function readSprite(value: unknown, base: string): Sprite | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const given = value as Partial<Record<keyof Sprite, unknown>>;
  const { url, columns, count, width, height, interval } = given;
  const numbers = [columns, count, width, height, interval];
  if (typeof url !== 'string' || !numbers.every((each) => typeof each === 'number' && Number.isFinite(each) && each > 0)) {
    return undefined;
  }
  return { url: new URL(url, base).href, columns: Number(columns), count: Number(count), width: Number(width), height: Number(height), interval: Number(interval) };
}

/** Asks for a recording's small pictures. That there are none is nothing to speak of. */
export async function findSprite(recording: string, token: string | undefined, signal: AbortSignal): Promise<Sprite | undefined> {
  const address = new URL(`/recordings/${encodeURIComponent(recording)}/sprite.json`, location.href);
  if (token !== undefined) {
    address.searchParams.set('token', token);
  }
  const response = await fetch(address, { signal });
  return response.ok ? readSprite(await response.json(), address.href) : undefined;
}
