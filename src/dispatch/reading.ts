import { authorOf } from '../cli/author.ts';
import { breakerCommand } from '../cli/breaker.ts';
import type { Command } from '../cli/command.ts';
import { evidenceCommand } from '../cli/evidence/export.ts';
import { explainCommand } from '../cli/explain.ts';
import { forgetCommand } from '../cli/forget.ts';
import { findingsCommand } from '../cli/findings.ts';
import { linkCommand } from '../cli/link.ts';
import { reportCommand } from '../cli/report.ts';
import { rosterCommand } from '../cli/roster.ts';
import { unwaiveCommand, waiveCommand } from '../cli/waive.ts';
import { createViewReader } from '../store/view-reader.ts';
import { VERSION } from '../version.ts';
import { type Call, withApp } from './call.ts';

type Reading = Extract<
  Command,
  { name: 'report' | 'findings' | 'explain' | 'roster' | 'breaker' | 'link' | 'waive' | 'unwaive' | 'forget' }
>;

/** Commands that only need the database, and what a person decides there. */
export async function read(call: Call, command: Reading): Promise<number> {
  const author = (): string => authorOf(call.env);
  return withApp(call, 'read', async ({ reader, pages, operator, eraser, config, worker: { clock } }) => {
    const { timezone } = config;
    switch (command.name) {
      case 'report':
        return reportCommand({ reader, pages, clock, timezone }, command, call.out);
      case 'findings':
        return findingsCommand({ reader, clock }, command, call.out);
      case 'explain':
        return explainCommand({ reader, clock }, command, call.out);
      case 'roster':
        return rosterCommand({ reader, clock, timezone }, command, call.out);
      case 'breaker':
        return breakerCommand({ reader, operator, clock, author }, command, call.out);
      case 'link':
        return linkCommand({ operator, clock, author }, command, call.out);
      case 'waive':
        return waiveCommand({ operator, clock, author }, command, call.out);
      case 'forget': {
        const { serviceAccounts } = config.policy;
        return forgetCommand({ eraser, clock, author, serviceAccounts }, command, call.out);
      }
      case 'unwaive':
        return unwaiveCommand({ operator, clock, author }, command, call.out);
      default:
        return command satisfies never;
    }
  });
}

export async function exportEvidence(call: Call, command: Extract<Command, { action: 'export' }>): Promise<number> {
  return withApp(call, 'read', async ({ evidence, config: { timezone }, worker: { clock } }) => {
    const author = (): string => authorOf(call.env);
    return evidenceCommand({ evidence, clock, timezone, version: VERSION, author }, command, call.out);
  });
}

/** Loaded here: no other command needs the protocol. */
export async function answerAssistant(call: Call): Promise<number> {
  const { mcpCommand } = await import('../cli/mcp/mcp.ts');
  return withApp(call, 'views', async ({ store, config: { timezone }, worker: { clock } }) => {
    const deps = { views: createViewReader(store.database), version: VERSION, clock, timezone };
    return mcpCommand(deps, call.out, call.signal);
  });
}
