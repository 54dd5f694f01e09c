/** The pace slider's scale: ten places a decade from 1 update a second to 10,000, then flat out. */

/** The last place: no limit. */
export const FASTEST = 41;

export function paceAt(place: number): number | null {
  return place >= FASTEST ? null : Number((10 ** (place / 10)).toPrecision(place < 10 ? 1 : 2));
}

export function placeOf(pace: number | null): number {
  return pace === null ? FASTEST : Math.min(Math.max(Math.round(10 * Math.log10(pace)), 0), FASTEST - 1);
}

export function paceText(pace: number | null): string {
  return pace === null ? "flat out" : `${Math.round(pace).toLocaleString("en-GB")} a second`;
}
