import { followReadme } from './first-use.ts';

// `npm run first-use`: how long it takes from nothing to the first report, as the README says it.
const steps = await followReadme();
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`.padStart(8);
for (const { command, ms } of steps) process.stdout.write(`${seconds(ms)}  ${command.slice(0, 100)}\n`);
const total = steps.reduce((sum, { ms }) => sum + ms, 0);
process.stdout.write(`${seconds(total)}  from nothing to the first report\n`);
