/** A `double` as Java prints it in this range: always with a point. */
export function javaDouble(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
