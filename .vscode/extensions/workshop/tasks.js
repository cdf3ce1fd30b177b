// The commands that run as tasks in the terminal, since they may ask for a password, or have much to say.

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");

/** Runs the course's scripts. */
class Tasks {
  /** @param {import("./course").Course} course */
  constructor(course) {
    this.course = course;
  }

  /**
   * Run a script in the terminal, with everything in the editor saved.
   * @param {string} title @param {string[]} words the script and its arguments
   */
  async run(title, words) {
    await vscode.workspace.saveAll(false);
    const execution = new vscode.ProcessExecution("sh", ["scripts/python.sh", ...words], { cwd: this.course.root });
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(this.course.root));
    const task = new vscode.Task({ type: "process" }, folder ?? vscode.TaskScope.Workspace, title, vscode.l10n.t("workshop"), execution, []);
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated, clear: true, showReuseMessage: false };
    const running = await vscode.tasks.executeTask(task);
    await new Promise((done) => {
      const ended = vscode.tasks.onDidEndTask(({ execution }) => {
        if (execution !== running) return;
        ended.dispose();
        done(undefined);
      });
    });
    await this.course.refresh();
  }

  save() {
    return this.run(vscode.l10n.t("save my progress"), ["scripts/save.py"]);
  }

  push() {
    return this.run(vscode.l10n.t("save and push"), ["scripts/save.py", "--push"]);
  }

  update() {
    return this.run(vscode.l10n.t("update"), ["scripts/update.py"]);
  }

  /** @param {string} command what a reset says brings things back: `python scripts/...` */
  undo(command) {
    return this.run(vscode.l10n.t("bring back"), command.split(" ").slice(1));
  }

  /** Choose a language; where the course has a script that takes answers along, run it. */
  async language() {
    const { language, languages = [] } = this.course.status ?? {};
    const names = new Intl.DisplayNames([vscode.env.language], { type: "language" });
    const picks = languages.map((each) => ({ label: names.of(each) ?? each, description: each === language ? vscode.l10n.t("now") : "", each }));
    const chosen = await vscode.window.showQuickPick(picks, { title: vscode.l10n.t("Language of the chapters") });
    if (!chosen || chosen.each === language) return;
    const script = "scripts/language.py";
    if (fs.existsSync(path.join(this.course.root, script))) await this.run(vscode.l10n.t("switch language"), [script, chosen.each]);
    await this.course.choose(chosen.each);
  }
}

module.exports = { Tasks };
