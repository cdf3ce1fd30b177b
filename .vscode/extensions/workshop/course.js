// What the editor knows of the course: its status, and the verdicts of this session. Everything that's drawn reads this.

const path = require("path");
const vscode = require("vscode");
const { pairOf, savePair, reloaded } = require("./chapters");
const { speak } = require("./words");

const SETTLE = 400; // milliseconds without another change before the status is asked for again

/**
 * @typedef {{id: string, title: string, ticked: boolean, filled: boolean, outcome: string, challenge: boolean, line: number, item_line: number, cell: number | null}} Exercise
 * @typedef {{id: string, title: string, ticked: boolean, line: number}} Item
 * @typedef {{title: string, minutes: number, exercises: Exercise[], items: Item[]}} Section
 * @typedef {{id: string, title: string, script: string, notebook: string, filled: number, ticked: number, exercises: number, sections: Section[]}} Chapter
 * @typedef {{language: string, languages: string[], next: string, filled: number, exercises: number, chapters: Chapter[]}} Status
 * @typedef {{id: string, chapter: string, outcome: string, message: string, cell_line: number, others: string[]}} Verdict
 */

/** The course in the language that the learner is in. The kit knows which one that is. */
class Course {
  /** @param {import("./service").Service} service */
  constructor(service) {
    this.root = service.root;
    this.service = service;
    /** @type {Status | undefined} */
    this.status = undefined;
    /** @type {Map<string, Verdict>} the verdicts of this session, by exercise */
    this.verdicts = new Map();
    this.changed = new vscode.EventEmitter();
    this.judged = new vscode.EventEmitter();
    this.spoken = new vscode.EventEmitter(); // the language is another one now
    /** @type {Set<string>} chapters that have changed since */
    this.stale = new Set();
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined;
  }

  /** Ask for a chapter's status soon: many files may change at once. @param {string} chapter */
  refreshSoon(chapter) {
    this.stale.add(chapter);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh([...this.stale]).catch(() => {}), SETTLE);
  }

  /** Ask for the status: of all chapters, or of one alone, which is quick. @param {string[]} [stale] */
  async refresh(stale = []) {
    this.stale.clear();
    let chapter = this.status && stale.length === 1 ? stale[0] : "";
    let status = await this.service.ask("status", { chapter });
    if (chapter && status.language !== this.status?.language) { // changed in a terminal since
      chapter = "";
      status = await this.service.ask("status", {});
    }
    const fresh = new Map(status.chapters.map((row) => [row.id, row]));
    if (chapter) status.chapters = this.status?.chapters.map((row) => fresh.get(row.id) ?? row);
    this.status = status;
    if (speak(status.language)) this.spoken.fire(status.language);
    this.changed.fire(undefined);
  }

  /** @param {Chapter} chapter */
  pair(chapter) {
    const pair = pairOf(vscode.Uri.file(path.join(this.root, chapter.script)));
    if (!pair) throw new Error(chapter.script);
    return pair;
  }

  /** @param {import("./chapters").Pair} pair */
  async sync(pair) {
    await this.service.ask("sync", { chapter: pair.chapter, lang: pair.language });
    await reloaded(pair);
    this.refreshSoon(pair.chapter);
  }

  /**
   * Judge exercises of a pair as they are in the editor.
   * @param {import("./chapters").Pair} pair @param {string[]} ids @returns {Promise<Verdict[]>}
   */
  async check(pair, ids) {
    await savePair(pair);
    await this.service.ask("sync", { chapter: pair.chapter, lang: pair.language });
    const { exercises } = await this.service.ask("check", { words: ids, lang: pair.language });
    await reloaded(pair);
    for (const verdict of exercises) this.verdicts.set(verdict.id, verdict);
    this.judged.fire(pair);
    this.refreshSoon(pair.chapter);
    return exercises;
  }

  /** Every exercise of the course with its chapter, in order. */
  exercises() {
    const chapters = this.status?.chapters ?? [];
    return chapters.flatMap((chapter) =>
      chapter.sections.flatMap((section) => section.exercises.map((exercise) => ({ chapter, exercise }))));
  }

  /** An exercise and its chapter. @param {string} id */
  find(id) {
    return this.exercises().find(({ exercise }) => exercise.id === id);
  }
}

module.exports = { Course };
