// Wall-clock times and the instants they stand for, reckoned with Intl: not as the server does it.

const DAY_MS = 86_400_000;
const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/** Return the offset from UTC of `zone` at an instant, in ms. */
export function offsetAt(instant, zone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const part = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = part;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(instant.getTime() / 1000) * 1000;
}

/** Return the instant of a wall-clock time that exists once (neither skipped nor repeated). */
export function instantOf({ date, time, tz }) {
  const wall = Date.parse(`${date}T${time}:00Z`);
  const guess = wall - offsetAt(new Date(wall), tz);
  return new Date(wall - offsetAt(new Date(guess), tz));
}

/** Return `date` moved by whole days, both `YYYY-MM-DD`. */
export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Return the RFC 5545 name of a day's weekday: MO. */
export function weekdayOf(date) {
  return WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()];
}

/**
 * Pick the first day of a weekly task so that the zone changes its clocks before the second.
 *
 * Where a zone changes them no more, the day after tomorrow will do.
 */
export function weekAcrossClockChange(now, tz) {
  const today = now.toISOString().slice(0, 10);
  for (let ahead = 2; ahead < 400; ahead++) {
    const first = addDays(today, ahead);
    const [before, after] = [first, addDays(first, 7)].map((date) =>
      offsetAt(instantOf({ date, time: "09:00", tz }), tz),
    );
    if (before !== after) return first;
  }
  return addDays(today, 2);
}

/** Write an instant as a zone's wall clock shows it: `Thu 01 Apr 2027 09:00 GMT+2`. */
export function shown(instant, tz) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: tz,
    weekday: "short",
    day: "2-digit",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "shortOffset",
  });
  return format.format(instant).replaceAll(",", "");
}
