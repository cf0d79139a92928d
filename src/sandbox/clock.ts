import type { World } from './world.ts';

/** What time it is in a world: the time it is fixed at, or this machine's. */
export function toTrueNow(world: World): Date {
  const now = world.clockFixedAt === undefined ? new Date() : new Date(world.clockFixedAt);
  if (Number.isNaN(now.getTime())) throw new Error('clockFixedAt of the world is not a time');
  return now;
}

/** What time the vendors' clocks show, which may be wrong. */
export function toServerNow(world: World): Date {
  return new Date(toTrueNow(world).getTime() + world.clockOffsetSeconds * 1000);
}

/**
 * A time as a vendor's clock has stamped it. Times in a world are true; a text that is no time, which a scenario may hold on
 * purpose, goes out as it is.
 */
export function toStamp(world: World, instant: string): string {
  const ms = Date.parse(instant);
  if (world.clockOffsetSeconds === 0 || Number.isNaN(ms)) return instant;
  return new Date(ms + world.clockOffsetSeconds * 1000).toISOString();
}
