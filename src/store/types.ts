import pg from 'pg';

const WIRE_TIMESTAMP = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?$/;
const MINUTE_MS = 60_000;

/**
 * Postgres's text of a `timestamptz` (`2026-11-21 10:00:00.123456+00`) as ISO 8601 with `Z`, every fraction digit kept: a
 * JavaScript `Date` would cut the microseconds off. `infinity` and dates before Christ pass as they are.
 */
export function toInstant(wire: string): string {
  const match = WIRE_TIMESTAMP.exec(wire);
  if (match === null) return wire;
  const [, day, time, fraction = '', sign, hours, minutes = '0'] = match;
  const offsetMinutes = Number(hours) * 60 + Number(minutes);
  if (offsetMinutes === 0) return `${day}T${time}${fraction}Z`;
  // Only behind a pooler that hides our `TimeZone` setting: the fraction is unaffected by an offset of whole minutes.
  const utcMs = Date.parse(`${day}T${time}Z`) - (sign === '-' ? -1 : 1) * offsetMinutes * MINUTE_MS;
  return `${new Date(utcMs).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}${fraction}Z`;
}

/** A count or an id fits a double; what does not stays text rather than being rounded. */
function toSafeNumber(wire: string): number | string {
  const value = Number(wire);
  return Number.isSafeInteger(value) ? value : wire;
}

function toText(wire: string): string {
  return wire;
}

const PARSERS = new Map<number, (wire: string) => unknown>([
  [pg.types.builtins.TIMESTAMPTZ, toInstant],
  [pg.types.builtins.DATE, toText],
  [pg.types.builtins.INT8, toSafeNumber],
]);

/** Parsers of this pool's connections alone: pg's global table belongs to everybody in the process. */
export const ROLLCALL_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (id, format) => {
    if (format === 'binary') return pg.types.getTypeParser(id, format);
    return PARSERS.get(id) ?? pg.types.getTypeParser(id, format);
  },
};
