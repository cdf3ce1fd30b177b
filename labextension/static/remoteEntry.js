// The workshop in JupyterLab. A chapter that's open takes in what a command writes to its file, cell by cell, with
// nothing lost on either side, and is saved a second after the last edit; so "File Changed" doesn't come up.
// There's no build: this file is what the build would make, a module federation container named after the extension.
"use strict";
(() => {
  const CHAPTER = /(?:^|\/)workshop\/([^/]+)\/ch\d\d_\w+\.ipynb$/;
  const EVERY = 1000; // milliseconds between two looks at the disk
  const here = document.currentScript.src;

  /** The cells of a notebook's JSON, each with its source as one string. */
  const cellsOf = notebook =>
    notebook.cells.map(cell => ({ ...cell, source: Array.isArray(cell.source) ? cell.source.join("") : cell.source }));

  /** What's compared of cells: not their outputs. */
  const text = cells => JSON.stringify(cells.map(cell => [cell.id, cell.cell_type, cell.source]));

  /** One open chapter: its JupyterLab context, and in `base` its cells as they were last read or saved. */
  class OpenChapter {
    constructor(context, contents, merge) {
      Object.assign(this, { context, contents, merge, base: null, saving: null, quiet: false, busy: false });
    }

    get cells() {
      return cellsOf(this.context.model.sharedModel.toJSON());
    }

    async start() {
      const { context } = this;
      await context.ready;
      const read = await this.contents.get(context.path, { type: "notebook", content: true, hash: true });
      const { model } = context;
      if (read.hash === context.contentsModel.hash) this.base = cellsOf(read.content);
      else this.base = model.dirty ? [] : this.cells;
      model.contentChanged.connect(() => (this.quiet = false));
      context.saveState.connect((_, state) => {
        if (state === "started") this.saving = this.cells;
        if (state === "completed") this.base = this.saving;
      });
      const [load, save] = [model.fromJSON.bind(model), context.save.bind(context)];
      model.fromJSON = notebook => (this.busy ? this.take(cellsOf(notebook)) : this.reload(load, notebook));
      context.save = () => this.alone(async () => {
        await this.refresh();
        await save(); // should the file change in this very moment, it asks; its Revert ends in `take` as well
        if (text(this.cells) !== text(this.base)) model.dirty = true;
      });
    }

    /** Run one thing at a time; what comes while another is at work waits for it. */
    alone(work) {
      const done = (this.last ?? Promise.resolve()).catch(() => {}).then(async () => {
        this.busy = true;
        try {
          await work();
        } finally {
          this.busy = false;
        }
      });
      this.last = done;
      return done;
    }

    /** The learner asked for the file as it is on disk. */
    reload(load, notebook) {
      load(notebook);
      this.base = cellsOf(notebook);
    }

    /** Take in the file if it has changed on disk. */
    async refresh() {
      const { context } = this;
      const disk = await this.contents.get(context.path, { content: false, hash: true });
      if (context.isDisposed || disk.hash === context.contentsModel.hash) return;
      const { dirty } = context.model;
      await context.revert(); // reads the file, and ends in `take`
      context.model.dirty = dirty || text(this.cells) !== text(this.base);
    }

    /** Bring the open cells up to date; those that haven't changed on disk aren't touched, nor are any outputs. */
    take(disk) {
      const notebook = this.context.model.sharedModel;
      const place = id => notebook.cells.findIndex(cell => cell.id === id);
      for (const step of this.merge.steps(this.base, this.cells, disk)) {
        if (step.remove) {
          notebook.deleteCell(place(step.remove));
        } else if (step.insert) {
          notebook.insertCell(place(step.after) + 1, step.insert);
        } else {
          const cell = notebook.cells[place(step.id)];
          const { start, end, lines } = this.merge.changed(cell.source, step.source);
          cell.updateSource(start, end, lines);
        }
      }
      this.base = this.saving = disk;
    }

    /**
     * What's done every second: take in the file, and save what the learner has stopped typing. Outputs are left to
     * JupyterLab's own timer, or a notebook that's only looked at would be written.
     */
    async look() {
      const { context } = this;
      if (this.busy || context.model.collaborative) return;
      const quiet = this.quiet;
      this.quiet = true;
      await this.alone(() => this.refresh());
      if (quiet && this.quiet && context.canSave && text(this.cells) !== text(this.base)) await context.save();
    }
  }

  /** For a screen reader: the language that a chapter is in, and a name for each box, which is its line. */
  function name(node, language) {
    node.lang = language;
    const boxes = () => {
      for (const box of node.querySelectorAll("li input[type=checkbox]:not([aria-label])")) {
        box.ariaLabel = box.closest("li").textContent.trim();
      }
    };
    boxes();
    new MutationObserver(boxes).observe(node, { childList: true, subtree: true });
  }

  const plugin = {
    id: "workshop:open-chapters",
    description: "An open chapter takes in what a command writes to its file, and is saved as you work.",
    autoStart: true,
    activate: async app => {
      const merge = await import(new URL("merge.js", here).href);
      const open = new Map();
      setInterval(() => {
        for (const widget of app.shell.widgets("main")) {
          const context = widget.context;
          if (!context || !CHAPTER.test(context.path) || open.has(context)) continue;
          const chapter = new OpenChapter(context, app.serviceManager.contents, merge);
          open.set(context, chapter);
          name(widget.node, CHAPTER.exec(context.path)[1]);
          context.disposed.connect(() => open.delete(context));
          chapter.start().catch(error => console.error("workshop:", error));
        }
        if (document.hidden) return;
        for (const chapter of open.values()) {
          if (chapter.base) chapter.look().catch(error => console.warn("workshop:", error.message));
        }
      }, EVERY);
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.workshop = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
