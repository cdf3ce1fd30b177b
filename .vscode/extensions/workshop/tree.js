// The list of chapters, sections and exercises, with what's ticked, filled and passed.

const vscode = require("vscode");
const { word } = require("./exercises");
const { t, named } = require("./words");

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
const ICONS = {
  passed: new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed")),
  failed: new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed")),
  error: new vscode.ThemeIcon("warning", new vscode.ThemeColor("testing.iconErrored")),
  filled: new vscode.ThemeIcon("circle-large-filled"),
  blank: new vscode.ThemeIcon("circle-large-outline"),
};

/**
 * @typedef {{kind: "chapter" | "section" | "exercise" | "item", chapter: import("./course").Chapter, row: any, parent?: Node}} Node
 */

/** Draws the course's status. Its boxes tick items. */
class Tree {
  /** @param {import("./course").Course} course @param {import("./boxes").Boxes} boxes */
  constructor(course, boxes) {
    this.course = course;
    this.onDidChangeTreeData = course.changed.event;
    this.view = vscode.window.createTreeView("workshop.chapters", { treeDataProvider: this, manageCheckboxStateManually: true });
    course.spoken.event(() => (this.view.title = named("chapters")));
    this.view.onDidChangeCheckboxState(({ items }) => items.forEach(([{ chapter, row }, state]) => {
      boxes.tick(course.pair(chapter), row.id, state === vscode.TreeItemCheckboxState.Checked);
    }));
  }

  /** @param {Node} [node] @returns {Node[]} */
  getChildren(node) {
    const make = (kind, chapter) => (row) => ({ kind, chapter, row, parent: node });
    if (!node) return (this.course.status?.chapters ?? []).map((chapter) => make("chapter", chapter)(chapter));
    if (node.kind === "chapter") return node.row.sections.map(make("section", node.chapter));
    if (node.kind !== "section") return [];
    return [...node.row.exercises.map(make("exercise", node.chapter)), ...node.row.items.map(make("item", node.chapter))];
  }

  /** @param {Node} node */
  getParent(node) {
    return node.parent;
  }

  /** @param {Node} node */
  getTreeItem({ kind, chapter, row }) {
    if (kind === "chapter") {
      const current = this.course.status?.next.startsWith(row.id);
      const item = new vscode.TreeItem(`${row.id} ${row.title}`, current ? Expanded : Collapsed);
      item.description = t("{0} of {1} filled, {2} ticked", row.filled, row.exercises, row.ticked);
      return Object.assign(item, { id: `chapter ${row.id}`, contextValue: "chapter" });
    }
    if (kind === "section") {
      const item = new vscode.TreeItem(row.title || chapter.title, Expanded);
      item.description = row.minutes ? t("{0} min", row.minutes) : "";
      return Object.assign(item, { id: `section ${chapter.id} ${row.title}` });
    }
    const name = `${row.id} ${row.title.replace(/[`*]/g, "")}`;
    const item = new vscode.TreeItem(name, None);
    const state = row.outcome || (row.filled ? "filled" : "blank");
    const ticked = row.ticked ? t("ticked") : t("not ticked");
    const said = kind === "item" ? "" : state === "filled" ? t("filled") : word(state);
    const label = [name, ticked, said].filter(Boolean).join(", ");
    const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
    return Object.assign(item, {
      id: row.id,
      description: state === "blank" ? "" : said,
      tooltip: label,
      iconPath: kind === "item" ? undefined : ICONS[state],
      accessibilityInformation: { label },
      checkboxState: { state: row.ticked ? Checked : Unchecked, tooltip: ticked, accessibilityInformation: { label, role: "checkbox" } },
      command: { command: "workshop.open", title: "", arguments: [chapter.id, row.id] },
    });
  }
}

module.exports = { Tree };
