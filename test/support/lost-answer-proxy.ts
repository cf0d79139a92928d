import { startCommitProxy } from './commit-proxy.ts';

export interface LostAnswerProxy extends AsyncDisposable {
  readonly url: string;
  /** Transactions that have written and been committed since the last call of `cutAt`. */
  readonly commits: number;
  /** The commit of this number from now on reaches the server, and its answer nobody: the connection ends instead. */
  cutAt(commit: number): void;
  readonly hasCut: boolean;
}

/** A proxy before a Postgres server that loses the answer to a commit. */
export async function startLostAnswerProxy(serverUrl: string): Promise<LostAnswerProxy> {
  const state = { commits: 0, cutAt: 0, hasCut: false };
  const proxy = await startCommitProxy(serverUrl, ({ point, moment }) => {
    if (point.by !== 'commit' || moment === 'before') return 'pass';
    state.commits += 1;
    if (state.commits !== state.cutAt) return 'pass';
    state.hasCut = true;
    return 'drop';
  });
  return {
    url: proxy.url,
    get commits() {
      return state.commits;
    },
    get hasCut() {
      return state.hasCut;
    },
    cutAt: (commit) => {
      Object.assign(state, { commits: 0, cutAt: commit, hasCut: false });
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}
