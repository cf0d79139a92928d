import type { OpenDatabase } from '../wire.ts';

/** The database of checks that run side by side: opened by the first, closed by the last. */
export type SharedStore = { readonly use: <T>(work: (store: OpenDatabase) => Promise<T>) => Promise<T> };

export function shareStore(open: () => Promise<OpenDatabase>): SharedStore {
  let opening: Promise<OpenDatabase> | undefined;
  let users = 0;
  const leave = async (): Promise<void> => {
    users -= 1;
    if (users > 0) return;
    const last = opening;
    opening = undefined;
    await (await last)?.close();
  };
  return {
    use: async (work) => {
      users += 1;
      opening ??= open();
      let store: OpenDatabase;
      try {
        store = await opening;
      } catch (error) {
        // Nothing was opened that somebody would have to close.
        users -= 1;
        if (users === 0) opening = undefined;
        throw error;
      }
      try {
        return await work(store);
      } finally {
        await leave();
      }
    },
  };
}
