export interface SimulcastLayer {
  /** 1 to 16 letters or digits (RFC 8851 §10). */
  readonly rid: string;
  /** 1 is the full picture, 2 half its width and height. */
  readonly scaleResolutionDownBy: number;
  /** Bits per second. */
  readonly maxBitrate: number;
  readonly maxFramerate?: number;
}

/** Up to three layers below a full picture of this height; a layer under 180 lines helps nobody. */
export function defaultLayers(height: number, maxBitrate: number): SimulcastLayer[] {
  const layers: SimulcastLayer[] = [{ rid: 'h', scaleResolutionDownBy: 1, maxBitrate }];
  if (height / 2 >= 180) {
    layers.push({ rid: 'm', scaleResolutionDownBy: 2, maxBitrate: Math.round(maxBitrate * 0.3) });
  }
  if (height / 4 >= 180) {
    layers.push({ rid: 'l', scaleResolutionDownBy: 4, maxBitrate: Math.max(100_000, Math.round(maxBitrate * 0.09)) });
  }
  return layers;
}

/** Bits per second of all layers together; undefined without layers. */
export function totalBitrate(layers: readonly SimulcastLayer[]): number | undefined {
  return layers.length === 0 ? undefined : layers.reduce((sum, layer) => sum + layer.maxBitrate, 0);
}

/**
 * Send encodings for the layers, smallest first: Chromium takes the last for the largest when it works out how much to
 * pad, and sends megabits of padding when it is not. For one layer no rid, since a lone rid makes it simulcast to some servers.
 */
export function encodings(layers: readonly SimulcastLayer[], maxBitrate: number | undefined, maxFramerate: number | undefined): RTCRtpEncodingParameters[] {
  const frames = maxFramerate === undefined ? {} : { maxFramerate };
  if (layers.length < 2) {
    const limit = layers[0]?.maxBitrate ?? maxBitrate;
    return [{ ...(limit === undefined ? {} : { maxBitrate: limit }), ...frames }];
  }
  return [...layers]
    .sort((a, b) => b.scaleResolutionDownBy - a.scaleResolutionDownBy)
    .map((layer) => ({ ...frames, ...layer, active: true }));
}
