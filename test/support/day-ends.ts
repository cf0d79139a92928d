/** The moment at which a day ends is the zone's own: by hand from its offset on the next day, on both days of 2027 on which clocks are changed. */
export const DAY_ENDS = [
  { timezone: 'UTC', day: '2027-03-14', end: '2027-03-15T00:00:00Z' },
  // UTC-5 until 2 a.m. of 14 March, UTC-4 from then to 7 November.
  { timezone: 'America/New_York', day: '2027-03-13', end: '2027-03-14T05:00:00Z' },
  { timezone: 'America/New_York', day: '2027-03-14', end: '2027-03-15T04:00:00Z' },
  { timezone: 'America/New_York', day: '2027-11-06', end: '2027-11-07T04:00:00Z' },
  { timezone: 'America/New_York', day: '2027-11-07', end: '2027-11-08T05:00:00Z' },
  // UTC+13 in summer, which ends on 4 April and begins on 26 September.
  { timezone: 'Pacific/Auckland', day: '2027-04-03', end: '2027-04-03T11:00:00Z' },
  { timezone: 'Pacific/Auckland', day: '2027-04-04', end: '2027-04-04T12:00:00Z' },
  { timezone: 'Pacific/Auckland', day: '2027-09-25', end: '2027-09-25T12:00:00Z' },
  { timezone: 'Pacific/Auckland', day: '2027-09-26', end: '2027-09-26T11:00:00Z' },
  { timezone: 'Pacific/Honolulu', day: '2027-03-14', end: '2027-03-15T10:00:00Z' },
  // Half an hour: UTC+11 in summer, UTC+10:30 from 4 April to 3 October.
  { timezone: 'Australia/Lord_Howe', day: '2027-04-03', end: '2027-04-03T13:00:00Z' },
  { timezone: 'Australia/Lord_Howe', day: '2027-04-04', end: '2027-04-04T13:30:00Z' },
  { timezone: 'Australia/Lord_Howe', day: '2027-10-02', end: '2027-10-02T13:30:00Z' },
  { timezone: 'Australia/Lord_Howe', day: '2027-10-03', end: '2027-10-03T13:00:00Z' },
];

/** Moments without a fraction. */
export function shift(at: string, ms: number): string {
  return `${new Date(Date.parse(at) + ms).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
}
