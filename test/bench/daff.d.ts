/** The part of daff 1.4.2 that `peers.ts` uses; the package has no types. */
declare module 'daff' {
  type TableView = { readonly isTable: true };
  type CompareFlags = {
    show_unchanged: boolean;
    unchanged_context: number;
    addPrimaryKey(column: string): void;
  };
  type Alignment = { readonly isAlignment: true };
  type TableDiff = { hilite(into: TableView): boolean };
  const daff: {
    readonly TableView: new (rows: readonly (readonly unknown[])[]) => TableView;
    readonly CompareFlags: new () => CompareFlags;
    readonly TableDiff: new (alignment: Alignment, flags: CompareFlags) => TableDiff;
    compareTables(before: TableView, after: TableView, flags: CompareFlags): { align(): Alignment };
  };
  export default daff;
}
