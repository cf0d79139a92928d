/** What a page leaves open, and what takes its place in the company of the test; `$WORDS` are variables of docs-company.ts. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\b(?<verb>explain|waive|unwaive) (?:ID|\d+)\b/gu, '$<verb> "$FINDING"'],
  [/\bbreaker (?<verb>show|release) (?:ID|\d+)\b/gu, 'breaker $<verb> "$BREAKER"'],
  [/--report (?:ID|\d+)\b/gu, '--report "$REPORT"'],
  [/--until (?:DATE|\d{4}-\d\d-\d\d)/gu, '--until "$UNTIL"'],
  [/--from (?:DATE|\d{4}-\d\d-\d\d)/gu, '--from "$FROM"'],
  [/--to (?:DATE|\d{4}-\d\d-\d\d)/gu, '--to "$TODAY"'],
  [/--at (?:TIME|\d{4}-\d\d-\d\d\S*)/gu, '--at "$NOW"'],
  [/--source NAME/gu, '--source nimble'],
  [/\broster SOURCE\b/gu, 'roster nimble'],
  [/\b5f0c…/gu, '"$DIGEST"'],
  [/\bw\.quartz@example\.com\b/gu, '"$LEAVER"'],
  [/\bnimble\/QZ-2\b/gu, 'nimble/"$LEAVER_ACCOUNT"'],
  [/\brollcall COMMAND\b/gu, 'rollcall findings'],
  [/--rule …/gu, '--rule leaver_account'],
  [/--reason (?:TEXT|…)/gu, '--reason "as agreed"'],
  // The vendors are asked by nobody here: the flags are read, the file is written, and that is all. Slack is on loopback.
  [/^(?<all>.*init .*--namely-company acme.*)$/gu, 'unset SLACK_WEBHOOK_URL; $<all> --no-check'],
];

/** Commands that are named in part, and what is meant. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['rollcall link', 'rollcall link add nimble "$ORPHAN" "$IDENTITY" --reason "her second address"'],
  ['rollcall link add', 'rollcall link add nimble "$ORPHAN" "$IDENTITY" --reason "her second address"'],
  ['rollcall forget', 'rollcall forget "$LEAVER" --reason "request 12"'],
  ['rollcall roster', 'rollcall roster nimble'],
  ['rollcall breaker release', 'rollcall breaker release "$BREAKER" --reason "they have left"'],
  ['rollcall …', 'rollcall --help'],
]);

/** What has to have happened in a folder before its command makes sense. */
const BEFORE: readonly (readonly [RegExp, string])[] = [
  [/\bunwaive\b/u, 'rollcall waive "$FINDING" --until "$UNTIL" --reason "until the end of the month"'],
  [/\bevidence verify\b|\bverify\.py\b/u, 'rollcall evidence --from "$FROM" --to "$TODAY" --out ./evidence-q4 > noted'],
  [/\binit --yes\b/u, 'rm rollcall.yaml'],
];
const AFTERWARDS = "DIGEST=$(grep -oE '[0-9a-f]{64}' noted | tail -n 1)";

export type Runnable = { readonly before: string; readonly command: string };

/** The documented text as a shell can run it. */
export function toRunnable(text: string): Runnable {
  let command = MEANT.get(text) ?? text;
  for (const [pattern, word] of WORDS) command = command.replaceAll(pattern, word);
  const before = BEFORE.filter(([pattern]) => pattern.test(text)).map(([, line]) => line);
  return { before: before.join('\n'), command: text.includes('5f0c…') ? `${AFTERWARDS}; ${command}` : command };
}
