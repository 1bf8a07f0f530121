/** What can be returned to. Seconds, from the oldest picture that is still there. */
export interface Timeline {
  /** False for a recording, which has an end. */
  readonly live: boolean;
  readonly length: number;
  readonly position: number;
  /** At the newest picture there is, as far as the protocol allows. */
  readonly atEdge: boolean;
}

/** So near to the newest picture, a place on the time line means "live". */
export const edgeWidth = 4;

/** Where a place on the time line is, counted back from the newest picture; undefined where it means "live". */
export function secondsBack(timeline: Timeline, position: number): number | undefined {
  const wanted = Math.min(Math.max(0, position), timeline.length);
  return timeline.live && timeline.length - wanted < edgeWidth ? undefined : timeline.length - wanted;
}
