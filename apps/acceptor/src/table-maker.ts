// Makes the route table of version after version: from what changed where that is possible, else from everything. Holds
// what the next one is made from, so it belongs on the config thread.
import { Compiler, type IdleServer, type TlsPlan } from '@sluice/route';
import { checkTable, type RouteTable, TableEditor } from '@sluice/route-table';
import { type HeldSlots, type Live, SlotBook } from '@sluice/upstream';
import { changesBetween, creationOf, resourcesOf, type State } from '@sluice/version';

export interface MadeTable {
  readonly table: RouteTable;
  readonly slots: SharedArrayBuffer;
  readonly idle: readonly IdleServer[];
  /** Made from the table before it. */
  readonly edited: boolean;
}

/** The last one made, with what the next one is made from. */
interface Last extends MadeTable {
  readonly state: State;
  readonly editor: TableEditor;
}

export class TableMaker {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #slots: SlotBook;
  #compiler: Compiler;
  #last: Last | null = null;

  /** `held`: tables that workers may still serve, made by a maker before this one; see SlotBook. */
  constructor(labels: Readonly<Record<string, string>>, live: Live, held: readonly HeldSlots[] = []) {
    this.#labels = labels;
    this.#slots = new SlotBook(live, held);
    this.#compiler = new Compiler({ labels });
  }

  /** Throws where no table can hold what the state means; the next state is made from everything then. */
  make(state: State): MadeTable {
    const last = this.#last;
    this.#last = null;
    this.#last = last === null ? this.#fromAll(state) : this.#from(last, state);
    return this.#last;
  }

  /** What the table made last ends TLS with; the same list for as long as nothing of it changes. */
  tls(): readonly TlsPlan[] {
    return this.#compiler.tls();
  }

  #from(last: Last, state: State): Last {
    const change = this.#compiler.change(changesBetween(last.state, state), creationOf(state));
    if (change === null || last.editor.isWorn()) return this.#fresh(state);
    const { table, clusters } = last.editor.apply(change);
    const slots = this.#slots.assignEdited(table, { table: last.table, slots: last.slots, clusters });
    return { state, editor: last.editor, table, slots, idle: this.#compiler.idle(), edited: true };
  }

  #fromAll(state: State): Last {
    // What is left of one that failed half-way is not to be relied on.
    this.#compiler = new Compiler({ labels: this.#labels });
    this.#compiler.start(resourcesOf(state), creationOf(state));
    return this.#fresh(state);
  }

  #fresh(state: State): Last {
    const editor = new TableEditor(this.#compiler.plan());
    const { table } = editor;
    const broken = checkTable(table);
    if (broken !== undefined) throw new Error(broken);
    return { state, editor, table, slots: this.#slots.assign(table), idle: this.#compiler.idle(), edited: false };
  }
}
