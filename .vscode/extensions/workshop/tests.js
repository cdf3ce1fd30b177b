// Every exercise in the Testing view.

const vscode = require("vscode");
const { t, named } = require("./words");

/** Fills the view from the course's status, and runs what is chosen there. */
class Tests {
  /** @param {import("./course").Course} course */
  constructor(course) {
    this.course = course;
    this.controller = vscode.tests.createTestController("workshop", named("displayName"));
    this.controller.refreshHandler = () => course.refresh();
    const profile = this.controller.createRunProfile(t("Check"), vscode.TestRunProfileKind.Run, (request, stop) => this.run(request, stop), true);
    course.changed.event(() => this.fill());
    course.spoken.event(() => Object.assign(this.controller, { label: named("displayName") }) && (profile.label = t("Check")));
  }

  fill() {
    this.controller.items.replace((this.course.status?.chapters ?? []).map((chapter) => {
      const { script } = this.course.pair(chapter);
      const top = this.controller.createTestItem(chapter.id, `${chapter.id} ${chapter.title}`, script);
      const exercises = chapter.sections.flatMap((section) => section.exercises);
      top.children.replace(exercises.map((exercise) => {
        const item = this.controller.createTestItem(exercise.id, `${exercise.id} ${exercise.title}`, script);
        item.range = new vscode.Range(exercise.line - 1, 0, exercise.line - 1, 0);
        return item;
      }));
      return top;
    }));
  }

  /** @param {vscode.TestRunRequest} request @param {vscode.CancellationToken} stop */
  async run(request, stop) {
    const run = this.controller.createTestRun(request);
    const excluded = new Set(request.exclude ?? []);
    const chosen = [...(request.include ?? [...this.controller.items].map(([, item]) => item))];
    for (const top of new Set(chosen.map((item) => item.parent ?? item))) {
      const all = [...top.children].map(([, item]) => item);
      const items = all.filter((item) => !excluded.has(item) && !excluded.has(top) && (chosen.includes(top) || chosen.includes(item)));
      const chapter = this.course.status?.chapters.find(({ id }) => id === top.id);
      if (stop.isCancellationRequested || !chapter) break;
      items.forEach((item) => run.started(item));
      try {
        const verdicts = await this.course.check(this.course.pair(chapter), items.map(({ id }) => id));
        for (const item of items) this.tell(run, item, verdicts.find(({ id }) => id === item.id));
      } catch (error) {
        items.forEach((item) => run.errored(item, new vscode.TestMessage(error.message)));
      }
    }
    run.end();
  }

  /** @param {vscode.TestRun} run @param {vscode.TestItem} item @param {import("./course").Verdict} [verdict] */
  tell(run, item, verdict) {
    if (!verdict || verdict.outcome === "blank") return run.skipped(item);
    if (verdict.outcome === "passed") return run.passed(item);
    const message = new vscode.TestMessage(verdict.message);
    const line = (item.range?.start.line ?? 0) + Math.max(verdict.cell_line, 1) - 1;
    if (item.uri) message.location = new vscode.Location(item.uri, new vscode.Position(line, 0));
    return verdict.outcome === "error" ? run.errored(item, message) : run.failed(item, message);
  }
}

module.exports = { Tests };
