/** One quality of the picture that the server can send. */
export interface Layer {
  readonly mediaId: string;
  readonly encodingId: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Bits per second. */
  readonly bitrate: number | undefined;
  /** The server sends it at the moment: to this viewer, or, with some servers, to anybody. */
  readonly active: boolean;
}

/**
 * Reads the data of a `layers` event (WHEP §4.9.2), best first: an object by media id, each with the encodings that
 * are `active` and all `layers` there are. What cannot be read is left out.
 */
export function parseLayers(data: string): Layer[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return [];
  }
  const layers: Layer[] = [];
  for (const [mediaId, media] of entries(parsed)) {
    const active = list(field(media, 'active')).map((encoding) => field(encoding, 'encodingId') ?? field(encoding, 'id'));
    const all = list(field(media, 'layers'));
    for (const encoding of all.length > 0 ? all : list(field(media, 'active'))) {
      const encodingId = field(encoding, 'encodingId') ?? field(encoding, 'id');
      if (typeof encodingId === 'string' && !layers.some((layer) => layer.mediaId === mediaId && layer.encodingId === encodingId)) {
        layers.push({
          mediaId,
          encodingId,
          width: size(field(encoding, 'width')),
          height: size(field(encoding, 'height')),
          bitrate: size(field(encoding, 'bitrate')),
          active: active.includes(encodingId),
        });
      }
    }
  }
  return layers.sort((a, b) => (b.height ?? 0) - (a.height ?? 0) || (b.bitrate ?? 0) - (a.bitrate ?? 0));
}

/** What a person calls a layer: by its short side, so that an upright phone's 720×1280 is 720p too. */
export function layerName(layer: Layer): string {
  const { width, height } = layer;
  return height === undefined ? layer.encodingId : `${Math.min(height, width ?? height)}p`;
}

/** Reads the number out of a `viewercount` event. */
export function parseViewerCount(data: string): number | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return undefined;
  }
  const count = typeof parsed === 'number' ? parsed : (field(parsed, 'viewercount') ?? field(parsed, 'viewerCount'));
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}

function size(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
