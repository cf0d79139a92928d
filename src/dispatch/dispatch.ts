import { configCommand } from '../cli/config.ts';
import { verifyCommand } from '../cli/evidence/verify.ts';
import { sandboxCommand } from '../cli/sandbox.ts';
import { type Call, today } from './call.ts';
import { answerAssistant, exportEvidence, read } from './reading.ts';
import { configDeps, demo, doctor, init, login, migrateDatabase } from './setting-up.ts';
import { work } from './working.ts';

/** A command and what it needs → exit code. Nothing is opened that the command does not use. */
export async function dispatch(call: Call): Promise<number> {
  const { command, out, signal } = call;
  switch (command.name) {
    case 'sandbox':
      return sandboxCommand(command, out, signal, today());
    case 'demo':
      return demo(call);
    case 'config':
      return configCommand(configDeps(call), command, out);
    case 'init':
      return init(call, command);
    case 'doctor':
      return doctor(call, command);
    case 'migrate':
      return migrateDatabase(call, command);
    case 'login':
      return login(call, command);
    default:
      return ask(call, command);
  }
}

type Rest = Exclude<Call['command'], { name: 'sandbox' | 'demo' | 'config' | 'init' | 'doctor' | 'migrate' | 'login' }>;

/** What works with a database that is there. */
async function ask(call: Call, command: Rest): Promise<number> {
  switch (command.name) {
    case 'start':
    case 'run':
      return work(call, command);
    case 'evidence':
      return command.action === 'verify' ? verifyCommand(command, call.out) : exportEvidence(call, command);
    case 'mcp':
      return answerAssistant(call);
    default:
      return read(call, command);
  }
}
