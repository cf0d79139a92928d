/**
 * Loaded into a child process by `--import`: its clock starts at `ROLLCALL_TEST_NOW` and goes on from there. So the real
 * program can be run on the days of a recording; nothing of it knows.
 */
const shiftMs = Date.parse(process.env['ROLLCALL_TEST_NOW'] ?? '') - Date.now();
if (Number.isNaN(shiftMs)) throw new Error('ROLLCALL_TEST_NOW is not a time');

globalThis.Date = new Proxy(Date, {
  construct: (target, parts, asked) =>
    Reflect.construct(target, parts.length === 0 ? [target.now() + shiftMs] : parts, asked),
  get: (target, key) => (key === 'now' ? () => target.now() + shiftMs : Reflect.get(target, key)),
});
