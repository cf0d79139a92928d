/** `1,234`: a long one is easy to misread. Of a text: the digits before the point of an exact decimal. */
export function figure(value: number | string): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
}
