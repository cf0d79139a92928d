import { readFileSync } from 'node:fs';

const KIB = 1024;

/** High-water mark of this process. Linux hands `maxRSS` on from the parent to what it forks, so its own mark is asked for first. */
export function peakRssBytes(): number {
  const own = /^VmHWM:\s+(\d+) kB$/m.exec(statusOfProcess())?.[1];
  return (own === undefined ? process.resourceUsage().maxRSS : Number(own)) * KIB;
}

function statusOfProcess(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
